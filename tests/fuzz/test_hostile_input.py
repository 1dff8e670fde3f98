"""Hostile input never crashes without a clear error and never makes a wrong count.

60 cases each in the usual run, fewer where one takes long; over 100,000 in all with `make soak`.
"""

from __future__ import annotations

import json
import string
import tempfile
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import strategies as st

from footfall.config import Config, load_config
from footfall.errors import ConfigError
from footfall.logs import SecretMasker
from footfall.types import CameraMinute, Direction, Gender, Outage, OutageReason, PictureState, Visit
from ingest.live.assignment import Assignment
from ingest.live.checkpoint import Checkpoint, read_checkpoint
from ingest.live.heartbeat import Heartbeat
from ingest.live.outages import Trouble
from ingest.spooling.records import Batch, DamagedRecordError, Record, decode, encode, plain_reason, salvage
from ingest.spooling.spool import Spool
from reid.types import FIRST_SCALE, STAY_BUCKETS, First, RegisterPart, ReidMode
from tests.fuzz.cases import TEXT, check, memory_folder

MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  # zone is added
SHARES = st.floats(0, 1, allow_nan=False)
COUNTS = st.integers(0, 2**40)
VALUES = (Direction.IN, Gender.FEMALE, "25-34", 30.5, 0.91, 4, 0.7, "test")


@st.composite
def visits(draw: st.DrawFn) -> Visit:
    entered_at = draw(MOMENTS)
    return Visit(
        uid=draw(st.uuids()),
        camera_id=draw(TEXT),
        entered_at=entered_at,
        left_at=entered_at + timedelta(microseconds=draw(st.integers(0, 10**11))),
        direction=draw(st.sampled_from(Direction)),
        gender=draw(st.sampled_from(Gender)),
        age_group=draw(TEXT),
        age_years=draw(st.none() | st.floats(0, 120)),
        p_female=draw(st.none() | SHARES),
        samples=draw(COUNTS),
        quality=draw(SHARES),
        model_version=draw(TEXT),
    )


MINUTES = st.builds(
    CameraMinute,
    camera_id=TEXT,
    run=st.uuids(),
    minute=MOMENTS,
    live_s=st.floats(0, 60),
    frames_seen=COUNTS,
    frames_processed=COUNTS,
    frames_dropped=COUNTS,
    frames_damaged=COUNTS,
    faces=COUNTS,
    faces_small=COUNTS,
    lag_s=st.floats(0, 1e9),
    picture=st.sampled_from(PictureState),
)
OUTAGES = st.builds(
    Outage,
    uid=st.uuids(),
    camera_id=TEXT,
    started_at=MOMENTS,
    ended_at=st.none() | MOMENTS,
    reason=TEXT.map(plain_reason),
)
SCALED = st.integers(0, FIRST_SCALE)
FIRSTS = st.builds(
    First, uid=st.uuids(), part=st.uuids(), camera_id=TEXT, first=st.none() | SCALED, compared=..., staff=...
)
PEOPLE = st.floats(0, 1e6)
PARTS = st.builds(
    RegisterPart,
    uid=st.uuids(),
    site=TEXT,
    day=st.dates(),
    origin=TEXT,
    mode=st.sampled_from(ReidMode),
    began_at=MOMENTS,
    seen_until=MOMENTS,
    arrivals=COUNTS,
    compared=COUNTS,
    staff=COUNTS,
    unique=PEOPLE,
    low=st.none() | PEOPLE,
    high=st.none() | PEOPLE,
    returns_per_pair=st.floats(0, 1),
    stays=st.lists(PEOPLE, max_size=4).map(lambda few: (*few, *[0.0] * (STAY_BUCKETS - len(few)))),
    held=COUNTS,
    deleted=COUNTS,
    closed_at=st.none() | MOMENTS,
    model_version=TEXT,
    not_shared=st.none() | COUNTS,
)
RECORDS: st.SearchStrategy[Record] = st.one_of(visits(), MINUTES, OUTAGES, FIRSTS, PARTS)


EXAMPLES = [
    Visit(UUID(int=0), "door", datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 2, tzinfo=UTC), *VALUES)
] * 60

SHORT, LONG = 60, 15_000
# Settings are checked against all time zones on the disk, which takes far longer than the rest.
SETTINGS_SHARE = 4
CASES = pytest.mark.parametrize(
    "cases", [pytest.param(SHORT, id="short"), pytest.param(LONG, id="long", marks=pytest.mark.soak)]
)


@CASES
def test_every_record_survives_the_spool_exactly(cases: int) -> None:
    @check(cases, record=RECORDS, number=st.integers(1, 2**62))
    def holds(record: Record, number: int) -> None:
        assert decode(encode(number, record)) == (number, record)


@CASES
def test_a_damaged_record_is_never_believed(cases: int) -> None:
    @check(cases, record=RECORDS, position=st.integers(0, 10_000), flip=st.integers(1, 255))
    def holds(record: Record, position: int, flip: int) -> None:
        line = bytearray(encode(7, record))
        line[position % len(line)] ^= flip
        with suppress(DamagedRecordError):
            assert decode(bytes(line)) == (7, record)  # what lies in front of the check sum may be harmless


@CASES
def test_whole_records_are_found_in_any_rubble(cases: int) -> None:
    pieces = st.lists(st.tuples(RECORDS, st.binary(max_size=60)), max_size=5)

    @check(cases, pieces=pieces, cut=st.integers(0, 5000))
    def holds(pieces: list[tuple[Record, bytes]], cut: int) -> None:
        lines = [encode(number, record) for number, (record, _) in enumerate(pieces, 1)]
        content = b"".join(rubble + line for line, (_, rubble) in zip(lines, pieces, strict=True))[:cut]
        found = salvage(content)
        assert set(found.values()) <= set(lines)
        assert all(line in found.values() for line in lines if line in content)


@CASES
def test_a_spool_cut_at_any_byte_gives_back_only_what_was_put_once(cases: int) -> None:
    with tempfile.TemporaryDirectory(dir=memory_folder()) as folder:
        path = Path(folder) / "door.spool"
        whole = [replace(visit, uid=UUID(int=number)) for number, visit in enumerate(EXAMPLES)]
        Spool(path).put(whole)
        content = path.read_bytes()

        @check(max(cases // 10, 20), cut=st.integers(0, len(content) - 1))
        def holds(cut: int) -> None:
            for leftover in Path(folder).iterdir():
                leftover.unlink()
            path.write_bytes(content[:cut])
            spool, arrived = Spool(path), Batch()
            while spool.depth():
                before = arrived.visits
                got: list[Batch] = []
                spool.drain(got.append, 1000)
                arrived = Batch(before + got[0].visits)
            assert len(set(arrived.visits)) == len(arrived.visits)
            assert set(arrived.visits) <= set(whole)
            assert path.with_name("door.spool.damaged").exists()
            spool.put([whole[0]])
            assert spool.depth() == 1


@CASES
def test_any_settings_file_is_taken_or_refused_in_one_line(cases: int, tmp_path: Path) -> None:
    path = tmp_path / "footfall.toml"
    keys = st.sampled_from([*Config.model_fields, "source", "time_zone", "camera", "label"]) | TEXT
    leaves = st.none() | st.booleans() | st.integers() | st.floats() | TEXT
    values = st.recursive(leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3))

    @check(cases // SETTINGS_SHARE, document=st.dictionaries(keys, values, max_size=4) | st.binary(max_size=80))
    def holds(document: dict[str, Any] | bytes) -> None:
        text = document if isinstance(document, bytes) else to_toml(document).encode("utf-8", "replace")
        path.write_bytes(text)
        try:
            load_config(path)
        except ConfigError as error:
            assert "\n" not in str(error).strip()
            assert str(error).startswith(str(path))


@CASES
def test_hostile_camera_names_never_become_paths_or_settings(cases: int) -> None:
    @check(cases // SETTINGS_SHARE, name=TEXT)
    def holds(name: str) -> None:
        try:
            config = Config(cameras={name: {"source": "0"}})
        except ValueError:
            return
        assert set(name) <= set(string.ascii_lowercase + string.digits + "-_")
        assignment = Assignment.of(config, name, "a:b")
        told = Trouble(OutageReason.RESTARTED, "why")
        assert Assignment.from_line(assignment.to_line(told)) == (assignment, told)
        assert assignment.config().cameras == config.cameras


@CASES
def test_hostile_labels_and_passwords_reach_the_worker_unchanged(cases: int) -> None:
    text = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)

    @check(cases // SETTINGS_SHARE, label=text, password=text)
    def holds(label: str, password: str) -> None:
        camera = {"source": "0", "label": label, "password": password}
        config = Config(cameras={"door": camera})
        before = Trouble(OutageReason.RESTARTED, label)
        told, _ = Assignment.from_line(Assignment.of(config, "door", "a:b").to_line(before))
        assert told.config().cameras["door"].label == label
        assert told.config().cameras["door"].password.get_secret_value() == password


@CASES
def test_secrets_never_pass_the_log(cases: int) -> None:
    secrets = st.text(string.ascii_letters + string.digits + "%/@:'\"", min_size=6, max_size=20)

    @check(cases, secret=secrets, before=TEXT, after=TEXT)
    def holds(secret: str, before: str, after: str) -> None:
        event = {"event": f"{before}{secret}{after}", "nested": {"list": [f"x {secret}"]}, "error": ValueError(secret)}
        assert secret not in str(SecretMasker([secret])(None, "info", event)).replace("***", "")


@CASES
def test_reasons_are_one_printable_line(cases: int) -> None:
    @check(cases, text=TEXT)
    def holds(text: str) -> None:
        reason = plain_reason(text)
        assert len(reason) <= 500
        assert reason.isprintable()
        reason.encode("utf-8")


@CASES
def test_heartbeats_and_checkpoints_take_any_bytes(cases: int, tmp_path: Path) -> None:
    path = tmp_path / "door.state.json"
    lines = st.binary(max_size=100) | st.builds(lambda reason: Heartbeat("door", reason=reason).to_line(), TEXT)

    @check(cases, line=lines, visit=visits())
    def holds(line: bytes, visit: Visit) -> None:
        beat = Heartbeat.from_line(line)
        assert beat is None or Heartbeat.from_line(beat.to_line()) == beat
        path.write_bytes(line)
        assert read_checkpoint(path) == Checkpoint()


def to_toml(value: Any) -> str:
    """Return `value` as TOML, hostile keys and all."""
    if isinstance(value, dict) and value is not None:
        return "\n".join(f"{json.dumps(key)} = {_inline(item)}" for key, item in value.items())
    return _inline(value)


def _inline(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {_inline(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_inline(item) for item in value) + "]"
    if value is None:
        return '""'
    return json.dumps(value).replace("NaN", "nan").replace("Infinity", "inf")
