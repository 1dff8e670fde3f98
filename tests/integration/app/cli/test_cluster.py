"""Recordings on Ray: a real one of two cores, killed workers, and what is stored then."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import make_url

from app.cluster.driver import RETRIES, count_orders
from app.cluster.errand import Errand, errand_for
from app.cluster.place import LOCAL, connected
from app.opening import open_engine
from app.order_counting import How, LoadedNetworks
from app.orders import Order
from db.store import Store
from footfall.config import Config, load_config
from footfall.errors import ConfigError
from tests.integration.app.cli.conftest import CAMERA, RunCommand, read_json
from tests.integration.app.cli.killed_workers import always_killed, killed_once
from tests.integration.app.cli.recordings import BEGIN, FILES, stored
from tools.served import free_port


@pytest.fixture(scope="module")
def two_cores() -> Iterator[None]:
    """A Ray of two cores, started once; its workers do not stand back behind whatever else the machine does."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("RAY_worker_niceness", "0")
        with connected(LOCAL, 2):
            yield


def orders(films: list[Path]) -> list[Order]:
    """Return the orders of the manifest."""
    return [Order(str(path), CAMERA, BEGIN + timedelta(hours=number)) for number, path in enumerate(films)]


def errand_in(workplace: Path, url: str, resume: bool = False) -> Errand:
    """Return what a call of `footfall process` sends to the workers."""
    read = load_config(workplace / "footfall.toml")
    config = Config.model_validate(read.model_dump(exclude_unset=True) | {"database_url": url})
    engine = open_engine(config)
    config = Store(engine).completed(config)
    engine.dispose()
    version = LoadedNetworks(config).of(CAMERA).version
    return errand_for(config, [CAMERA], How(resume=version if resume else ""), version)


def test_killed_workers_count_nothing_twice_and_the_totals_are_those_of_one_box(
    two_cores: None, films: list[Path], workplace: Path, footfall: RunCommand, postgres_url: str
) -> None:
    assert len(read_json(footfall("process", "--manifest", "films.csv", "--yes", "--json"))) == FILES  # type: ignore[arg-type]
    alone = stored(f"sqlite:///{workplace / 'footfall.db'}")
    assert alone[1] > 0 and len(alone[0]) == FILES
    outcomes = list(count_orders(errand_in(workplace, postgres_url), orders(films), killed_once))
    again = list(count_orders(errand_in(workplace, postgres_url, resume=True), orders(films)))
    assert [outcome.reason for outcome in outcomes] == [""] * FILES
    assert all(Path(f"{film}.begun").exists() for film in films)
    assert all(outcome.left_out for outcome in again)
    assert stored(postgres_url) == alone


def test_a_recording_whose_workers_always_die_is_named_and_the_others_are_counted(
    two_cores: None, films: list[Path], workplace: Path, postgres_url: str
) -> None:
    outcomes = list(count_orders(errand_in(workplace, postgres_url), orders(films), always_killed))
    failed = {outcome.number: outcome.reason for outcome in outcomes if outcome.reason}
    assert list(failed) == [0] and f"its worker died {RETRIES + 1} times" in failed[0]
    assert [name for name, _ in stored(postgres_url)[0]] == ["1.mp4", "2.mp4"]


def test_a_cluster_with_another_version_is_refused_instead_of_failing_every_recording(
    two_cores: None, films: list[Path], workplace: Path, postgres_url: str
) -> None:
    errand = replace(errand_in(workplace, postgres_url), program="0.0")
    with pytest.raises(ConfigError, match=r"no machine .*has mall-footfall .*, not 0\.0"):
        list(count_orders(errand, orders(films)))
    assert stored(postgres_url)[0] == []


def test_a_machine_that_does_not_reach_the_database_is_left_out_instead_of_failing_every_recording(
    two_cores: None, films: list[Path], workplace: Path, postgres_url: str
) -> None:
    errand = errand_in(workplace, postgres_url)
    elsewhere = make_url(postgres_url).set(host="127.0.0.1", port=free_port())
    config = errand.config.model_copy(
        update={"database_url": SecretStr(elsewhere.render_as_string(hide_password=False))}
    )
    with pytest.raises(ConfigError, match=r"no machine .*: .* cannot be reached"):
        list(count_orders(replace(errand, config=config), orders(films)))
    assert stored(postgres_url)[0] == []


def test_a_failed_recording_is_named_at_the_end_and_a_fetched_one_is_counted_like_any(
    films: list[Path], workplace: Path, footfall: RunCommand
) -> None:
    with (workplace / "films.csv").open("a", encoding="utf-8") as manifest:
        manifest.write(f"\nabsent.mp4,{CAMERA},2026-03-28T20:00\n")
    fetched = (workplace / "films.csv").read_text().replace("0.mp4", films[0].as_uri())
    (workplace / "films.csv").write_text(fetched, encoding="utf-8")
    arguments = ("process", "--manifest", "films.csv", "--yes", "--on", "local", "--json")
    outcome = footfall(*arguments)
    assert outcome.code == 2, outcome.err
    [line] = outcome.err.strip().splitlines()
    assert "absent.mp4" in line and "check the path" in line
    rows = json.loads(outcome.out)
    assert {row["video"] for row in rows} == {films[0].as_uri(), str(films[1]), str(films[2])}
    files, visits = stored(f"sqlite:///{workplace / 'footfall.db'}")
    assert files == sorted((Path(row["video"]).name, row["visits"]) for row in rows)
    assert visits == sum(row["visits"] for row in rows)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--manifest", "films.csv", "--on", "ray://head:10001"), "cannot share an SQLite file"),
        (("--manifest", "films.csv", "--on", "10.0.0.1"), "write ray://HEAD:10001"),
        (("0.mp4", "1.mp4", "--camera", CAMERA, "--started-at", "2026-03-28T09", "--on", "local"), "into a manifest"),
        (("0.mp4", "--manifest", "films.csv"), "leave FILE"),
    ],
)
def test_what_cannot_be_done_on_a_cluster_is_refused_in_one_line(
    films: list[Path], footfall: RunCommand, arguments: tuple[str, ...], told: str
) -> None:
    outcome = footfall("process", *arguments, "--yes")
    assert outcome.code == 2
    [line] = outcome.err.strip().splitlines()
    assert told in line


def test_without_on_a_call_needs_no_ray_and_with_it_the_extra_is_named(films: list[Path], workplace: Path) -> None:
    hidden = "import sys; sys.modules.update(dict.fromkeys(['ray', 'fsspec'])); from app.cli import main; main()"
    without = ("process", "0.mp4", "--camera", CAMERA, "--started-at", BEGIN.isoformat(), "--yes")
    codes = []
    for more in ((), ("--on", "local")):
        command = [sys.executable, "-c", hidden, *without, *more]
        done = subprocess.run(command, cwd=workplace, capture_output=True, text=True, check=False)
        codes.append(done.returncode)
    assert codes == [0, 2]
    assert done.stderr.strip() == "error: ray is not installed; pip install 'mall-footfall[ray]' brings it"
