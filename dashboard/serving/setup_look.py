"""One camera, looked through for a minute for the page that sets it up: the newest picture in memory, and nothing else.

No picture is written, logged or kept: each takes the place of the one before, and the last one goes when the look ends.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import uuid4

import structlog

from dashboard.serving.setup_seen import Followed, Seen
from footfall.config import Config
from footfall.errors import FootfallError
from footfall.secrets import mask_text
from footfall.types import Frame, ImageArray

if TYPE_CHECKING:
    from ingest.pipeline import Pipeline
    from ingest.sources.kinds import Source

LOOK_S = 60.0
UNASKED_S = 12.0
"""After this long without a question the browser is gone, and the look ends."""
KEPT_S = 600.0
"""How long the positions of who was seen are kept behind a look, for a line that is drawn anew."""
NewPipeline = Callable[[Config, str, tuple[int, int]], "Pipeline"]


class BusyError(FootfallError):
    """Somebody else looks through a camera just now."""


@dataclass(slots=True)
class Look:
    """A look through one camera, in a thread of its own, for `owner`; see `Looks`."""

    config: Config
    camera_id: str
    owner: str
    new_pipeline: NewPipeline
    uid: str = field(default_factory=lambda: uuid4().hex)
    trouble: str = ""
    _seen: Seen = field(default_factory=Seen)
    _picture: ImageArray | None = None
    _guard: threading.Lock = field(default_factory=threading.Lock)
    _ending: threading.Event = field(default_factory=threading.Event)
    _over: threading.Event = field(default_factory=threading.Event)
    _began: float = field(default_factory=time.monotonic)
    _asked: float = field(default_factory=time.monotonic)
    _first_at: float | None = None

    def start(self) -> None:
        """Begin to look."""
        threading.Thread(target=self._run, name=f"look {self.camera_id}", daemon=True).start()

    def end(self) -> None:
        """End soon; the connection is closed when the camera has answered or its timeout is over."""
        self._ending.set()
        with self._guard:
            self._picture = None

    @property
    def is_over(self) -> bool:
        """Whether the camera is let go of."""
        return self._over.is_set()

    @property
    def is_forgotten(self) -> bool:
        """Whether also what was seen is not kept any longer."""
        return self.is_over and time.monotonic() - self._began > KEPT_S

    @property
    def left_s(self) -> float:
        """Seconds until it ends by itself; the whole time until the first picture is there."""
        if self._first_at is None:
            return LOOK_S
        return max(0.0, LOOK_S - (time.monotonic() - self._first_at))

    def newest(self) -> tuple[ImageArray | None, Seen]:
        """Return the newest picture, uint8 (H, W, 3) BGR, None before the first and after the end, and who was seen."""
        self._asked = time.monotonic()
        with self._guard:
            return self._picture, self._seen

    def _run(self) -> None:
        from ingest.sources.kinds import open_source
        from ingest.sources.timeline import utc_now

        log = structlog.get_logger("footfall.setup").bind(camera=self.camera_id)
        log.info("somebody looks through the camera", by=self.owner)
        try:
            with closing(open_source(self.camera_id, self.config.camera(self.camera_id), utc_now())) as source:
                self._watch(source, self.new_pipeline(self.config, self.camera_id, source.size))
        except FootfallError as error:
            self.trouble = f"{mask_text(str(error)).rstrip('.')}.{self._hint()}"
        except Exception:  # a defect must not look like a camera that is still opening
            log.exception("the look broke off")
            self.trouble = "The look broke off; the dashboard's log says why."
        finally:
            self.end()
            self._over.set()
            log.info("the look has ended")

    def _hint(self) -> str:
        if self._first_at is not None or "://" not in self.config.camera(self.camera_id).source:
            return ""
        return " While “footfall run” watches it, some cameras take no second connection."

    def _watch(self, source: Source, pipeline: Pipeline) -> None:
        people = Followed(pipeline, self.config.detector.min_score)
        first: Frame | None = None
        for frame in source:
            first = first or frame
            self._first_at = self._first_at or time.monotonic()
            passed_s = time.monotonic() - self._first_at
            if not source.is_live:  # a recording plays as it was taken
                self._ending.wait(max(0.0, (frame.captured_at - first.captured_at).total_seconds() - passed_s))
            if self._ending.is_set() or not self.left_s or time.monotonic() - self._asked > UNASKED_S:
                return
            seen = people.see(frame)
            with self._guard:
                if not self._ending.is_set():
                    self._picture, self._seen = frame.image, seen.copied()


class Looks:
    """The one look that there may be at a time."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._current: Look | None = None

    def begin(self, config: Config, camera_id: str, owner: str, new_pipeline: NewPipeline) -> Look:
        """Begin a look for `owner`; another one of the same person ends.

        Raises:
            BusyError: somebody else looks just now.
            ConfigError: there is no such camera.
        """
        config.camera(camera_id)
        with self._guard:
            current = self._current
            if current is not None and not current.is_over and current.owner != owner:
                # Which camera is not for everybody to know: it may be of a site that whoever asks may not see.
                raise BusyError(f"{current.owner} looks through a camera just now; try again in a minute.")
            if current is not None:
                current.end()
            self._current = Look(config, camera_id, owner, new_pipeline)
            self._current.start()
            return self._current

    def find(self, uid: str, owner: str) -> Look | None:
        """Return the look called `uid` of `owner`, None when there is none any more."""
        with self._guard:
            if self._current is not None and self._current.is_forgotten:
                self._current = None
            found = self._current
        return found if found is not None and (found.uid, found.owner) == (uid, owner) else None
