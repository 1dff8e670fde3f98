"""`footfall process` on this box: one recording after the other, in this process."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from app.cli.counted import days_of, print_recordings, print_unique
from app.cli.output import console, frame_progress, print_json
from app.counted_rows import as_dict
from app.footage_files import name_of
from app.order_counting import How, LoadedNetworks, OrderCounter
from app.orders import Order
from app.recordings import CountedRecording
from app.registers import RECORDINGS, Registers, store_recorded, utc_now
from db.store import Store
from footfall.config import Config
from footfall.errors import FootfallError
from reid.types import RegisterPart

Counted = list[tuple[CountedRecording, Order]]


def count_here(
    config: Config, store: Store, networks: LoadedNetworks, orders: Sequence[Order], how: How, *, as_json: bool
) -> list[str]:
    """Count `orders`, print what they gave, and return what failed, a sentence each.

    Raises:
        StoreError: the judgements of compared visits could not be stored.
    """
    registers = Registers(config, RECORDINGS)
    call = _Call(OrderCounter(config, store, networks.of, registers, how), quiet=as_json)
    call.count_all(orders)
    parts = store_recorded(registers, store, utc_now())
    if as_json:
        print_json([_row(one, order, parts, config) for one, order in call.counted])
    else:
        _print_all(call.counted, parts, config)
        print_left_out(call.left_out)
    return call.failures


def print_left_out(recordings: int) -> None:
    """Say how many recordings `--resume` left out."""
    if recordings:
        console.print(f"left out, stored before: recordings {recordings}")


class _Call:
    """Counts one file after the other; one that fails is reported at the end, and does not stop other cameras."""

    def __init__(self, counter: OrderCounter, *, quiet: bool) -> None:
        self._counter = counter
        self._quiet = quiet
        self.counted: Counted = []
        self.left_out = 0
        self.failures: list[str] = []

    def count_all(self, orders: Sequence[Order]) -> None:
        """Count `orders`; one that follows another begins where that one of its camera ended."""
        ends: dict[str, datetime] = {}
        stopped: set[str] = set()
        for number, order in enumerate(orders):
            if order.camera in stopped:
                continue
            begun = replace(order, started_at=ends[order.camera]) if order.follows else order
            try:
                with frame_progress(name_of(order.file), quiet=self._quiet) as progress:
                    one = self._counter.count(begun, progress)
            except FootfallError as error:
                self.failures.append(str(error))
                if any(later.camera == order.camera and later.follows for later in orders[number + 1 :]):
                    stopped.add(order.camera)
                    self.failures.append(
                        f"stopped after {order.file}: when the following files begin is not known without it"
                    )
                continue
            ends[order.camera] = one.ended_at
            if isinstance(one, CountedRecording):
                self.counted.append((one, order))
            else:
                self.left_out += 1


def _row(one: CountedRecording, order: Order, parts: Sequence[RegisterPart], config: Config) -> dict[str, object]:
    site = config.site_of(order.camera)
    here = [part for part in parts if part.site == site]
    return as_dict(one, here, config.sites[site].zone) | {"video": order.file}


def _print_all(counted: Counted, parts: Sequence[RegisterPart], config: Config) -> None:
    days: set[date] = set()
    for name in dict.fromkeys(order.camera for _, order in counted):
        zone, mine = config.sites[config.site_of(name)].zone, [one for one, order in counted if order.camera == name]
        has_line = config.camera(name).line is not None
        print_recordings(mine, zone, config.retention.visits_days, has_line=has_line)
        days.update(days_of(mine, zone))
    print_unique(parts)
    for day in sorted(days):
        console.print(f"footfall report --day {day} writes the day's CSV")
