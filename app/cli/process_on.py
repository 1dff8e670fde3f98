"""`footfall process --on`: recordings counted on a Ray cluster or on all cores, a bar meanwhile, a summary after."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import closing
from datetime import date
from pathlib import PurePosixPath
from typing import Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn
from rich.text import Text

from app.cli.output import console, print_json, problems
from app.cli.process_here import print_left_out
from app.cluster.driver import count_orders
from app.cluster.errand import Outcome, errand_for
from app.cluster.place import connected
from app.footage_files import longest_first
from app.order_counting import How
from app.orders import Order
from footfall.config import Config
from footfall.errors import ConfigError
from footfall.local_time import local_day

SECONDS_PER_HOUR = 3600


def count_on(
    place: str, config: Config, orders: Sequence[Order], how: How, networks: str, *, as_json: bool
) -> list[str]:
    """Count `orders` at `place`, print what they gave in all, and return what failed, a sentence each.

    Raises:
        ConfigError: a beginning would follow from the recording before, no Ray answers, or none of its machines is fit.
    """
    orders = _side_by_side(orders)
    errand = errand_for(config, dict.fromkeys(order.camera for order in orders), how, networks)
    summary = _Summary(config, orders, keep_rows=as_json)
    with connected(place), closing(count_orders(errand, orders)) as outcomes, _bar(quiet=as_json) as bar:
        shown = bar.add_task("", total=len(orders), footage_s=0.0, counted=0, began=time.monotonic())
        for outcome in outcomes:
            summary.take(outcome)
            bar.update(shown, advance=1, footage_s=summary.footage_s, counted=summary.counted)
    if as_json:
        print_json(summary.rows)
    else:
        summary.print()
    return summary.failures


def _side_by_side(orders: Sequence[Order]) -> list[Order]:
    """Return the orders, the longest first, with paths that mean the same on every machine that sees them."""
    if following := next((order for order in orders if order.follows), None):
        raise ConfigError(
            f"{following.file}: with --on recordings are counted side by side, so none can begin where the one before "
            "ended; write when each began into a manifest (--manifest), or leave --started-at out where files say it"
        )
    return longest_first(order.with_absolute_path() for order in orders)


class _Summary:
    """What the outcomes of a call come to; rows are kept when they are to be printed, else sums only."""

    def __init__(self, config: Config, orders: Sequence[Order], *, keep_rows: bool) -> None:
        self._config = config
        self._orders = orders
        self._keep_rows = keep_rows
        self._began = time.monotonic()
        self._first_of: dict[tuple[str, str], str] = {}
        self._days: set[date] = set()
        self._visits = 0
        self.rows: list[Any] = []
        self.failures: list[str] = []
        self.counted = 0
        self.left_out = 0
        self.footage_s = 0.0

    def take(self, outcome: Outcome) -> None:
        """Add what became of an order."""
        order = self._orders[outcome.number]
        if outcome.reason:
            named = PurePosixPath(order.file).name in outcome.reason
            self.failures.append(outcome.reason if named else f"{order.file}: {outcome.reason}")
            return
        self.footage_s += outcome.footage_s
        if outcome.left_out:
            self.left_out += 1
            return
        first = self._first_of.setdefault((order.camera, outcome.sha256), order.file)
        if first != order.file:
            self.failures.append(
                f"{order.file}: is the same footage as {first}, which was counted in this call as well; it is stored "
                f"once, as begun {outcome.row['started_at']}; give it once"
            )
            return
        self.counted += 1
        self._visits += outcome.row["visits"]
        if outcome.began is not None:
            self._days.add(local_day(outcome.began, self._config.sites[self._config.site_of(order.camera)].zone))
        if self._keep_rows:
            self.rows.append(outcome.row)

    def print(self) -> None:
        """Print the sums, and how to get the days' numbers."""
        took_s = time.monotonic() - self._began
        console.print(
            f"counted: recordings {self.counted}, footage {_clock(self.footage_s)}, "
            f"visits {self._visits}, in {_clock(took_s)}"
        )
        print_left_out(self.left_out)
        for day in sorted(self._days):
            console.print(f"footfall report --day {day} writes the day's CSV")


def _bar(*, quiet: bool) -> Progress:
    """Return a bar of recordings, hours of footage and time left."""
    columns = (TextColumn("recordings"), BarColumn(), MofNCompleteColumn(), _Footage(), _TimeLeft())
    return Progress(*columns, console=problems, transient=True, disable=quiet or not problems.is_terminal)


class _Footage(ProgressColumn):
    """Hours of footage that are counted."""

    def render(self, task: Task) -> Text:
        return Text(f"{task.fields['footage_s'] / SECONDS_PER_HOUR:.1f} h of footage", style="cyan")


class _TimeLeft(ProgressColumn):
    """Time left, from the recordings that were counted since the start; one may take many minutes."""

    def render(self, task: Task) -> Text:
        if not task.fields["counted"] or task.total is None:
            return Text("")
        left_s = (time.monotonic() - task.fields["began"]) / task.fields["counted"] * (task.total - task.completed)
        return Text(f"{_clock(left_s)} left", style="cyan")


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}"
