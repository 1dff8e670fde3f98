"""What a visit looked like, gathered while somebody is in view: crops of the best few faces, and the clothes.

Crops stand in slots that are overwritten when the visit is over. Then the faces are embedded in one batch, and the
templates belong to the visit's uid until it is given away: that of a visit that is held back waits with it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

import numpy as np

from footfall.types import FloatArray, ImageArray
from reid.types import Signature
from tracking.fusion import WORTH_REPLACING

FACES_KEPT = 3
SPACING_S = 0.4
"""Seconds within which two faces of one visit look too much alike to be worth two places."""
CLOTHES_KEPT = 5


class FaceEmbedder(Protocol):
    """Turns faces into unit vectors, near to each other for one person."""

    @property
    def input_size(self) -> int:
        """Side of an aligned face, px."""

    def align(self, image_bgr: ImageArray, landmarks: FloatArray) -> ImageArray:
        """Return the face at `landmarks`, float32 (5, 2) px, of uint8 (H, W, 3), as uint8 (S, S, 3)."""

    def embed_aligned(self, faces: ImageArray) -> FloatArray:
        """Return float32 (N, D), unit rows, of uint8 (N, S, S, 3)."""


ClothesReader = Callable[[ImageArray, FloatArray], FloatArray]
"""Returns float32 (N, C), rows of not-a-number where no torso shows, of uint8 (H, W, 3) and face boxes (N, 4) px."""


@dataclass(frozen=True, slots=True)
class Looks:
    """Faces of one frame, worth a look: `boxes` (N, 4), `landmarks` (N, 5, 2), `face_px`, `quality` (N,)."""

    at: datetime
    image: ImageArray
    boxes: FloatArray
    landmarks: FloatArray
    face_px: FloatArray
    quality: FloatArray


class _InView:
    """What is gathered of one person; `side` 0 without faces."""

    __slots__ = ("clothes", "clothes_at", "clothes_seen", "crops", "face_px", "quality", "seen_at")

    def __init__(self, side: int) -> None:
        self.crops = np.zeros((FACES_KEPT if side else 0, side, side, 3), np.uint8)
        self.quality: list[float] = []
        self.face_px: list[float] = []
        self.seen_at: list[datetime] = []
        self.clothes = np.zeros(0, np.float32)
        self.clothes_seen = 0
        self.clothes_at: datetime | None = None

    def slot_for(self, quality: float, at: datetime) -> int | None:
        """Return where a face of this quality goes, or None when those kept are as good."""
        near = [n for n, seen in enumerate(self.seen_at) if abs((at - seen).total_seconds()) < SPACING_S]
        if not near and len(self.quality) < len(self.crops):
            return len(self.quality)
        rivals = near or range(len(self.quality))
        worst = min(rivals, key=lambda n: self.quality[n], default=None)
        if worst is None or quality < WORTH_REPLACING * self.quality[worst]:
            return None
        return worst

    def put(self, slot: int, crop: ImageArray, quality: float, face_px: float, at: datetime) -> None:
        self.crops[slot] = crop
        for values, value in ((self.quality, quality), (self.face_px, face_px)):
            values[slot : slot + 1] = [value]
        self.seen_at[slot : slot + 1] = [at]

    def wants_clothes(self, at: datetime) -> bool:
        """Tell whether another look at the clothes is worth its time."""
        is_soon = self.clothes_at is not None and (at - self.clothes_at).total_seconds() < SPACING_S
        return self.clothes_seen < CLOTHES_KEPT and not is_soon

    def add_clothes(self, clothes: FloatArray, at: datetime) -> None:
        if np.isfinite(clothes).all():
            if self.clothes_seen:
                self.clothes += clothes
            else:
                self.clothes = clothes.copy()
            self.clothes_seen += 1
            self.clothes_at = at

    def overwrite(self) -> None:
        self.crops.fill(0)
        self.clothes.fill(0)


class SignatureTaker:
    """Gathers looks of those in view by track, and gives the signatures of visits that are over.

    Without `embedder` no face is kept, without `clothes_of` no clothes are looked at.
    """

    def __init__(self, embedder: FaceEmbedder | None, clothes_of: ClothesReader | None) -> None:
        self._embedder = embedder
        self._clothes_of = clothes_of
        self._in_view: dict[int, _InView] = {}
        self._waiting: dict[UUID, Signature] = {}
        self._ready: dict[UUID, Signature] = {}
        self._has_embedded = False

    def see(self, track_ids: Collection[int], looks: Looks) -> None:
        """Take the faces of a frame that the attribute network looked at, one for each of `track_ids`."""
        side = self._embedder.input_size if self._embedder is not None else 0
        people = [self._in_view.setdefault(track_id, _InView(side)) for track_id in track_ids]
        if self._embedder is not None:
            for row, person in enumerate(people):
                quality = float(looks.quality[row])
                slot = person.slot_for(quality, looks.at)
                if slot is not None:
                    crop = self._embedder.align(looks.image, looks.landmarks[row])
                    person.put(slot, crop, quality, float(looks.face_px[row]), looks.at)
                    crop.fill(0)
        rows = [row for row, person in enumerate(people) if person.wants_clothes(looks.at)]
        if self._clothes_of is not None and rows:
            clothes = self._clothes_of(looks.image, looks.boxes[rows])
            for row, worn in zip(rows, clothes, strict=True):
                people[row].add_clothes(worn, looks.at)
            clothes.fill(0)

    def end(self, ended: Mapping[int, UUID], over: Collection[UUID], held: Collection[UUID]) -> None:
        """Take the tracks that ended, with the uids that their visits have if they are any.

        The signatures of `over`, visits that were returned, are ready; those of `held` wait. All others were no visits,
        or turned out to be pictures on a wall.
        """
        for track_id, uid in ended.items():
            person = self._in_view.pop(track_id, None)
            if person is None:
                continue
            if uid in over or uid in held:
                self._waiting[uid] = self._signature(person)
            person.overwrite()
        for uid in over:
            if uid in self._waiting:
                self._ready[uid] = self._waiting.pop(uid)
        for uid in self._waiting.keys() - set(held):
            overwrite(self._waiting.pop(uid))

    def take(self) -> dict[UUID, Signature]:
        """Return, once, the signatures of visits that are over; whoever takes them overwrites them."""
        ready, self._ready = self._ready, {}
        return ready

    def rest(self) -> None:
        """Overwrite what the network keeps of the last faces, with a look at nobody, when nobody is in view."""
        if self._has_embedded and not self._in_view and self._embedder is not None:
            side = self._embedder.input_size
            self._embedder.embed_aligned(np.zeros((FACES_KEPT, side, side, 3), np.uint8))
            self._has_embedded = False

    def drop(self) -> None:
        """Overwrite everything that waits: the run is over."""
        for person in self._in_view.values():
            person.overwrite()
        for signature in self._waiting.values():
            overwrite(signature)
        self._in_view, self._waiting = {}, {}

    def _signature(self, person: _InView) -> Signature:
        faces = np.zeros((0, 0), np.float32)
        kept = len(person.quality)
        if self._embedder is not None and kept:
            faces = self._embedder.embed_aligned(person.crops[:kept])
            self._has_embedded = True
        clothes = person.clothes / np.float32(max(person.clothes_seen, 1))
        return Signature(faces, np.array(person.face_px, np.float32), np.array(person.quality, np.float32), clothes)


def overwrite(signature: Signature) -> None:
    """Fill the templates of `signature` with zeros, in place."""
    for values in (signature.faces, signature.clothes):
        values.fill(0)
