"""Gives orders to the workers of a cluster, a bounded number at a time, and yields what became of each."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Generator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

import ray
from ray.exceptions import RayError, RaySystemError, RayTaskError

from app.cluster.errand import Errand, Outcome, UnfitError
from app.cluster.work import count_order
from app.orders import Order
from footfall.errors import ConfigError, FootfallError

Work = Callable[[Errand, int, Order], Outcome]
RETRIES = 3
"""A worker or node that dies takes the recording with it; it is begun again this often, then named as failed."""
AHEAD = 2
"""Tasks given out for each core: one at work and one that waits, so that no core waits for this process."""
LEAST_AHEAD = 4
NODE = "ray.io/node-id"
NAME = "recording"


def count_orders(errand: Errand, orders: Sequence[Order], work: Work = count_order) -> Generator[Outcome, None, None]:
    """Yield the outcome of every order, in the order in which they end; `ray` must be connected.

    Raises:
        ConfigError: no machine can count, or the connection to Ray was lost; what was stored until then is whole.
    """
    call = _Call(errand, orders, work)
    try:
        yield from call.outcomes()
    except (ConnectionError, RaySystemError) as error:
        raise ConfigError(
            f"the connection to Ray was lost ({_last_line(error)}); what was stored is whole, call again with --resume"
        ) from None
    finally:
        call.end()


@dataclass(slots=True)
class _Call:
    """The tasks of one call: those that run, and the machines that were found unfit."""

    errand: Errand
    orders: Sequence[Order]
    work: Work
    running: dict[Any, int] = field(default_factory=dict)
    unfit: dict[str, str] = field(default_factory=dict)
    task: Any = None

    def outcomes(self) -> Generator[Outcome, None, None]:
        shared = ray.put(self.errand)
        self.task = _count.options(name=NAME)  # once: Ray makes a class each time, which the driver's memory would show
        left = iter(range(len(self.orders)))
        while True:
            for number in itertools.islice(left, max(0, _most_at_once() - len(self.running))):  # machines go
                self._give(shared, number)
            if not self.running:
                return
            [done], _ = ray.wait(list(self.running), num_returns=1)
            number = self.running.pop(done)
            outcome = _outcome_of(done, number)
            if outcome.unfit:
                self._leave_out(outcome)
                self._give(shared, number)
            else:
                yield outcome

    def end(self) -> None:
        """Cancel what still runs; nothing of it is stored."""
        with suppress(ConnectionError, RayError):  # where the connection is lost, the tasks end with it
            for task in self.running:
                ray.cancel(task, force=True)

    def _give(self, shared: Any, number: int) -> None:
        self.running[self.task.remote(self.work, shared, number, self.orders[number])] = number

    def _leave_out(self, outcome: Outcome) -> None:
        self.unfit[outcome.node] = outcome.reason
        self.task = _count.options(name=NAME, label_selector={NODE: f"!in({','.join(self.unfit)})"})
        nodes = ray.nodes()  # type: ignore[no-untyped-call]
        alive = [node["NodeID"] for node in nodes if node["Alive"] and node["Resources"].get("CPU")]
        if not set(alive) - set(self.unfit):
            raise ConfigError(
                f"no machine of the cluster can count: {'; '.join(self.unfit.values())}; install the same version and "
                "networks on every machine and let each reach the database; --resume then leaves out what is stored"
            )


@ray.remote(num_cpus=1, max_retries=RETRIES)
def _count(work: Work, errand: Errand, number: int, order: Order) -> Outcome:
    """Runs in a worker; whatever the program says of a recording is no reason to begin it again."""
    node = str(ray.get_runtime_context().get_node_id())
    try:
        return replace(work(errand, number, order), node=node)
    except UnfitError as error:
        return Outcome(number, reason=str(error), unfit=True, node=node)
    except FootfallError as error:
        return Outcome(number, reason=str(error), node=node)


def _outcome_of(task: Any, number: int) -> Outcome:
    """Return what became of a task.

    Raises:
        ConfigError: a machine lacks the program.
    """
    try:
        return ray.get(task)  # type: ignore[no-any-return]
    except RayTaskError as error:  # a defect: its last line names it, the worker's log has the rest
        said = _last_line(error)
        if "No module named" in said:
            raise ConfigError(
                f"a machine of the cluster lacks this program or a part of it ({said}); install the same "
                "'mall-footfall[ray]' on every machine; --resume then leaves out what is stored"
            ) from None
        return Outcome(number, reason=f"the program failed: {said}")
    except RayError as error:
        first = next(iter(str(error).strip().splitlines()), type(error).__name__)
        return Outcome(number, reason=f"its worker died {RETRIES + 1} times ({first})")


def _last_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[-1] if lines else type(error).__name__


def _most_at_once() -> int:
    cores = int(ray.cluster_resources().get("CPU", 0))  # type: ignore[no-untyped-call]
    return max(LEAST_AHEAD, AHEAD * cores)
