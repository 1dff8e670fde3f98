"""What a worker does with an order; its networks are loaded once, and no connection is held between transactions."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass, replace

import cv2
from sqlalchemy import Engine

from app.cluster.errand import Errand, Outcome, UnfitError
from app.compose import check_networks
from app.counted_rows import as_dict
from app.order_counting import LoadedNetworks, OrderCounter
from app.orders import Order
from app.recordings import CountedRecording
from app.registers import RECORDINGS, Registers, store_recorded, utc_now
from db.session import open_database
from db.store import Store
from footfall import __version__
from footfall.errors import ConfigError, ModelError, StoreError
from footfall.logs import log_as_set
from ingest.recording import Progress
from ingest.secrecy import forbid_dumps


@dataclass(slots=True)
class _Worker:
    """What this process keeps from one recording to the next of the same call."""

    call: str
    networks: LoadedNetworks
    engine: Engine


_worker: _Worker | None = None


def count_order(errand: Errand, number: int, order: Order, progress: Progress | None = None) -> Outcome:
    """Count and store one recording as `footfall process` does; the register of its days is its own.

    Raises:
        UnfitError: this machine has another version of the program or of the networks, computes them otherwise, or does
            not reach the database.
        FootfallError: the recording failed; nothing of it was stored.
    """
    worker = _worker_for(errand)
    store = Store(worker.engine)
    registers = Registers(errand.config, RECORDINGS)
    done = OrderCounter(errand.config, store, worker.networks.of, registers, errand.how).count(order, progress)
    parts = store_recorded(registers, store, utc_now())
    told = Outcome(number, began=done.started_at, footage_s=(done.ended_at - done.started_at).total_seconds())
    if not isinstance(done, CountedRecording):
        return replace(told, left_out=True)
    site = errand.config.sites[errand.config.site_of(order.camera)]
    return replace(told, sha256=done.sha256, row=as_dict(done, parts, site.zone) | {"video": order.file})


def _worker_for(errand: Errand) -> _Worker:
    global _worker
    if _worker is None or _worker.call != errand.call:
        if _worker is not None:
            _worker.engine.dispose()
        _worker = None
        _worker = _begin(errand)
    return _worker


def _begin(errand: Errand) -> _Worker:
    if errand.program != __version__:
        raise UnfitError(f"{socket.gethostname()}: has mall-footfall {__version__}, not {errand.program}")
    os.environ.update(errand.environment)
    config = errand.config
    log_as_set(config)
    cv2.setNumThreads(1)  # a worker has one core; a second thread would only wait, busily, on that of another worker
    if config.reid.mode != "off":
        forbid_dumps()
    networks = LoadedNetworks(config)
    try:
        check_networks(config)
        version = networks.of(next(iter(config.cameras))).version
    except (ConfigError, ModelError) as error:
        raise UnfitError(f"{socket.gethostname()}: {error}") from None
    if version != errand.networks:
        raise UnfitError(f"{socket.gethostname()}: has the networks {version}, not {errand.networks}")
    try:
        engine = open_database(config.database_url.get_secret_value(), pooled=False)
    except StoreError as error:  # the machine that asks has reached it
        raise UnfitError(f"{socket.gethostname()}: {error}") from None
    return _Worker(errand.call, networks, engine)
