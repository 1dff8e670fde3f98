"""Counts orders one by one: left out when stored before, fetched, counted whole. The same on one box and on many."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from app.compose import Networks, load_networks
from app.footage_files import at_hand, length_of, name_of
from app.orders import Order
from app.recordings import CountedRecording, RecordingCounter
from app.registers import Registers
from db.store import Store
from footfall.config import Config
from footfall.types import Recording
from ingest.recording import Progress, identify_recording


@dataclass(frozen=True, slots=True)
class How:
    """How the orders of a call are counted.

    `fill_gaps` takes only time that nobody counted. What the networks of the version `resume` have stored is left out;
    empty: nothing is.
    """

    fill_gaps: bool = False
    resume: str = ""


class LoadedNetworks:
    """The networks of a process, after `check_networks`: loaded once for all cameras that look at the same size.

    Raises:
        ModelError: a model file is missing, damaged or of the wrong kind.
    """

    def __init__(self, config: Config) -> None:
        self._config = config
        self._loaded: dict[object, Networks] = {}

    def of(self, camera_id: str) -> Networks:
        """Return the networks for a camera, loading them when it is the first of its size."""
        camera = self._config.camera(camera_id)
        if camera.working_size not in self._loaded:
            self._loaded[camera.working_size] = load_networks(self._config, camera, checked=True)
        return self._loaded[camera.working_size]


class OrderCounter:
    """Counts orders of any cameras with database, networks and registers opened once."""

    def __init__(
        self, config: Config, store: Store, networks: Callable[[str], Networks], registers: Registers, how: How
    ) -> None:
        self._config = config
        self._store = store
        self._networks = networks
        self._registers = registers
        self._how = how
        self._counters: dict[str, RecordingCounter] = {}

    def count(self, order: Order, progress: Progress | None = None) -> CountedRecording | Recording:
        """Count a recording and store it whole; or return the one that is to be left out.

        It was stored before when the same networks counted this content for this camera from this beginning. Where the
        order says the beginning, name and length are enough to know: no other file of this camera may show that time,
        and nothing is read or fetched.

        Raises:
            SourceError: it cannot be fetched or opened, or holds no picture; nothing was stored.
            StoreError: the database refused, or the time was counted by another source; nothing was stored.
        """
        if self._how.resume and (stored := self._known_by_name(order)):
            return stored
        with at_hand(order.file) as path:
            if self._how.resume and (stored := self._known_by_content(order, path)):
                return stored
            return self._counter(order.camera).count(path, order.started_at, progress, fill_gaps=self._how.fill_gaps)

    def _counter(self, camera: str) -> RecordingCounter:
        if camera not in self._counters:
            networks = self._networks(camera)
            self._counters[camera] = RecordingCounter(self._config, camera, networks, self._store, self._registers)
        return self._counters[camera]

    def _known_by_name(self, order: Order) -> Recording | None:
        if order.started_at is None or (length := length_of(order.file)) is None:
            return None
        found = self._store.find_recording_named(order.camera, name_of(order.file), length, order.started_at)
        return self._of_these_networks(order, found)

    def _known_by_content(self, order: Order, path: Path) -> Recording | None:
        found = self._store.find_recording(order.camera, identify_recording(order.camera, path).sha256)
        return self._of_these_networks(order, found)

    def _of_these_networks(self, order: Order, found: Recording | None) -> Recording | None:
        if found is None or found.model_version != self._how.resume:
            return None
        return found if order.started_at in (None, found.started_at) else None
