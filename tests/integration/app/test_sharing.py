"""Boxes of one site compare their visits through a real Redis server, in its memory only, and alone when it is away."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import numpy as np
import pytest
import trustme

from analytics.unique import UniqueEstimate, combined
from analytics.unique_days import unique_day
from app.check import Finding
from app.live_registers import LiveRegisters
from app.registers import LATE
from app.sharing.opening import check_sharing
from app.status import Status, remarks
from db.reading.firsts import firsts, parts
from db.reading.selection import Selection
from db.session import open_database, reading
from db.store import Store
from db.verification import verify
from footfall.config import Config
from footfall.types import Direction
from ingest.health.state import Health
from ingest.spooling.records import Record
from reid.signatures import clothes_template, face_template
from reid.types import First, RegisterPart, Sighting, Signature
from tests.integration.app.redis_server import MEMORY_ONLY, RedisServer
from tests.integration.conftest import visit
from tools.served import free_port

# Redis goes by its own clock: the day is one that is still to come.
MIDNIGHT = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=3)
NOON = MIDNIGHT - timedelta(hours=12)
SECRET = "the same secret on every box of the site"
PEOPLE = 30
OFF = 5.0  # as far as the estimate of a day of few visits may be off; twice as many people would be 30 off


def settings(url: str, secret: str = SECRET, mode: str = "faces") -> Config:
    return Config(
        sites={"mall": {"time_zone": "UTC"}},
        cameras={"north": {"source": "0", "entrance": "North"}, "south": {"source": "1", "entrance": "South"}},
        reid={"mode": mode},
        sharing={"redis_url": url, "secret": secret},
    )


def looks(person: int) -> Signature:
    random = np.random.default_rng(person)
    faces, clothes = random.normal(size=(3, 64)), random.normal(size=20)
    faces /= np.linalg.norm(faces, axis=1, keepdims=True)
    clothes /= np.linalg.norm(clothes)
    ones = np.ones(3, np.float32)
    return Signature(faces.astype(np.float32), 60 * ones, ones, clothes.astype(np.float32))


def seen(person: int, minute: float, camera: str = "north", direction: Direction = Direction.IN) -> Sighting:
    at = NOON + timedelta(minutes=minute)
    moments = (at, at + timedelta(seconds=3))
    is_arrival = direction is Direction.IN
    return Sighting(uuid4(), camera, camera, *moments, direction, is_arrival, None, None, looks(person))


class Box:
    """The registers of one box, its clock and what it wrote."""

    def __init__(self, config: Config, name: str) -> None:
        self.now = NOON
        self.written: list[Record] = []
        self.registers = LiveRegisters(config, f"box {name}", self._write, lambda: self.now)

    def _write(self, records: Sequence[Record]) -> None:
        self.written += records

    def see(self, *sightings: Sighting) -> list[UUID]:
        for one in sightings:
            self.registers.see(one)
        return [one.uid for one in sightings]

    def parts(self) -> list[RegisterPart]:
        """Return the parts as they are stored: the last word of each."""
        return list({record.uid: record for record in self.written if isinstance(record, RegisterPart)}.values())

    def firsts(self) -> dict[UUID, First]:
        return {record.uid: record for record in self.written if isinstance(record, First)}


def write(*boxes: Box) -> None:
    """Let the boxes tell each other what they saw, and then judge."""
    for _ in range(2):
        for box in boxes:
            box.registers.write()


def close(*boxes: Box) -> UniqueEstimate:
    """End the day at each box and return what is known of the site."""
    for box in boxes:
        box.now = MIDNIGHT + LATE
        box.registers.write()
    return combined([part for box in boxes for part in box.parts()])


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    made = RedisServer(tmp_path)
    made.start()
    yield made
    made.kill()


@pytest.fixture
def boxes(server: RedisServer) -> tuple[Box, Box]:
    return Box(settings(server.url), "east"), Box(settings(server.url), "west")


def all_come_at_both(east: Box, west: Box) -> None:
    """Let PEOPLE come in the north, at one box, and an hour later in the south, at the other."""
    east.see(*(seen(person, person) for person in range(PEOPLE)))
    west.see(*(seen(person, 60 + person, "south") for person in range(PEOPLE)))


def test_who_comes_at_two_boxes_is_counted_once(boxes: tuple[Box, Box]) -> None:
    east, west = boxes
    all_come_at_both(east, west)
    write(east, west)
    assert (east.registers.sharing, west.registers.sharing) == ("on", "on")
    told = close(east, west)
    assert told.unique == pytest.approx(PEOPLE, abs=OFF)
    assert (told.arrivals, told.not_shared) == (2 * PEOPLE, 0)
    one = Box(settings(""), "all")
    all_come_at_both(one, one)
    everything = close(one)
    assert told.unique == pytest.approx(everything.unique, abs=0.01)
    assert told.low == pytest.approx(everything.low, abs=1.0)
    assert told.high == pytest.approx(everything.high, abs=1.0)


def test_each_box_judges_and_sums_its_own_visits_only(boxes: tuple[Box, Box]) -> None:
    east, west = boxes
    mine = east.see(*(seen(person, person) for person in range(PEOPLE)))
    theirs = west.see(*(seen(person, 60 + person, "south") for person in range(PEOPLE)))
    theirs += west.see(*(seen(person, 90 + person, "south", Direction.OUT) for person in range(PEOPLE)))
    write(east, west)
    close(east, west)
    assert (set(east.firsts()), set(west.firsts())) == (set(mine), set(theirs))
    for box in boxes:
        (part,) = box.parts()
        firsts = [one.first for one in box.firsts().values() if one.first is not None]
        assert (part.arrivals, part.compared) == (PEOPLE, PEOPLE)
        assert part.unique == pytest.approx(sum(firsts) / 10_000)
        assert (part.held, part.deleted) == (0, 3 * PEOPLE)
    assert sum(sum(part.stays) for part in east.parts()) == 0.0


def test_the_visits_of_before_a_restart_are_known_after_it(server: RedisServer) -> None:
    before = Box(settings(server.url), "east")
    before.see(*(seen(person, person) for person in range(PEOPLE)))
    before.registers.close()
    after = Box(settings(server.url), "east")
    after.see(*(seen(person, 60 + person) for person in range(PEOPLE)))
    write(after)
    assert close(after).unique < 1.0
    told = combined([*before.parts(), *after.parts()])
    assert (told.parts, told.not_shared) == (2, 0)
    assert told.unique == pytest.approx(PEOPLE, abs=OFF)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--save", "60 1", "--appendonly", "no"), 'set save "" in redis.conf'),
        (("--save", "", "--appendonly", "yes"), "set appendonly no"),
        ((*MEMORY_ONLY, "--maxmemory", "1gb", "--maxmemory-policy", "allkeys-lru"), "maxmemory-policy noeviction"),
        ((*MEMORY_ONLY, "--replicaof", "127.0.0.1 1"), "use one without replicas"),
        ((*MEMORY_ONLY, "--rename-command", "CONFIG", "hidden"), "allow its user CONFIG GET and INFO"),
        ((*MEMORY_ONLY, "--requirepass", "another"), "check sharing.redis_url"),
        ((*MEMORY_ONLY, "--maxmemory", "1mb"), "raise its maxmemory"),
    ],
)
def test_a_server_that_does_not_keep_it_in_memory_alone_is_told_nothing(
    tmp_path: Path, options: tuple[str, ...], words: str
) -> None:
    server = RedisServer(tmp_path, *options)
    client_password = "another" if "--requirepass" in options else None
    server.start()
    try:
        box = Box(settings(server.url), "east")
        box.see(*(seen(person, person) for person in range(PEOPLE)))
        write(box)
        assert box.registers.sharing.startswith("alone: ") and words in box.registers.sharing
        with server.client(client_password) as client:
            assert client.keys("*") == []
        told = close(box)
        assert (told.arrivals, told.not_shared) == (PEOPLE, PEOPLE)
        assert told.unique == pytest.approx(PEOPLE, abs=OFF)
    finally:
        server.kill()


def test_a_box_with_another_secret_goes_on_alone_and_says_so(server: RedisServer) -> None:
    east, west = Box(settings(server.url), "east"), Box(settings(server.url, SECRET[::-1]), "west")
    all_come_at_both(east, west)
    write(east, west)
    assert east.registers.sharing == "on"
    assert "another sharing.secret" in west.registers.sharing
    told = close(east, west)
    assert told.not_shared == PEOPLE
    assert told.arrivals == 2 * PEOPLE
    assert told.unique == pytest.approx(2 * PEOPLE, abs=OFF)


def test_nothing_is_lost_while_the_server_is_away_and_everything_shared_when_it_is_back(
    server: RedisServer, boxes: tuple[Box, Box]
) -> None:
    east, west = boxes
    east.see(*(seen(person, person) for person in range(10)))
    write(east, west)
    server.kill()
    east.see(*(seen(person, person) for person in range(10, PEOPLE)))
    west.see(*(seen(person, 60 + person, "south") for person in range(PEOPLE)))
    write(east, west)
    assert "Redis does not answer" in east.registers.sharing
    away = combined([*east.parts(), *west.parts()])
    assert (away.arrivals, away.not_shared) == (2 * PEOPLE, PEOPLE - 10 + PEOPLE)
    server.start()  # remembers nothing
    write(east, west)
    assert (east.registers.sharing, west.registers.sharing) == ("on", "on")
    told = close(east, west)
    assert (told.arrivals, told.not_shared) == (2 * PEOPLE, 0)
    assert told.unique == pytest.approx(PEOPLE, abs=OFF)


def test_a_server_that_lost_its_memory_is_told_again(server: RedisServer, boxes: tuple[Box, Box]) -> None:
    east, late = boxes
    east.see(*(seen(person, person) for person in range(PEOPLE)))
    write(east)
    with server.client() as client:
        client.flushall()
    write(east)
    late.see(*(seen(person, 60 + person, "south") for person in range(PEOPLE)))
    write(late)
    assert close(east, late).unique == pytest.approx(PEOPLE, abs=OFF)


def test_a_server_that_turns_to_its_disk_is_told_no_more(server: RedisServer, boxes: tuple[Box, Box]) -> None:
    east, _ = boxes
    east.see(seen(1, 1))
    write(east)
    with server.client() as client:
        client.config_set("appendonly", "yes")
        size = client.dbsize() and client.xlen(client.keys("*")[0])
        east.see(seen(2, 2))
        write(east)
        assert "set appendonly no" in east.registers.sharing
        assert client.xlen(client.keys("*")[0]) == size
    assert close(east).not_shared == 1


def test_the_server_holds_no_template_in_the_clear_and_nothing_after_the_close(
    server: RedisServer, boxes: tuple[Box, Box], tmp_path: Path
) -> None:
    east, west = boxes
    secrets = []
    for person in range(PEOPLE):
        signature = looks(person)
        templates = [*signature.faces, signature.clothes, face_template(signature), clothes_template(signature)]
        secrets += [template.tobytes()[at : at + 8] for template in templates if template is not None for at in (0, 32)]
    all_come_at_both(east, west)
    uids = [one.bytes for one in east.see(*(seen(person, 40 + person) for person in range(3)))]
    write(east, west)
    with server.client() as client:
        (key,) = client.keys("*")
        assert key == f"footfall:mall:{NOON.date()}".encode()
        assert datetime.fromtimestamp(client.expiretime(key), UTC) == MIDNIGHT + LATE
        entries = [fields for _, fields in client.xrange(key)]
        held = b"".join(value for fields in entries for value in fields.values())
        assert len(entries) == 1 + 2 * PEOPLE + 3
        assert {fields[b"c"] for fields in entries} == {b"", b"north", b"south"}
        assert not [secret for secret in [*secrets, *uids] if secret in held]
        assert len({fields[b"s"][:12] for fields in entries}) == len(entries)  # no nonce twice
        close(east)
        assert client.keys("*") == []
        close(west)
        assert client.keys("*") == []
    assert list(tmp_path.iterdir()) == []  # nothing was written where the server would write


def test_an_entry_of_another_camera_or_day_is_not_taken(server: RedisServer, boxes: tuple[Box, Box]) -> None:
    east, west = boxes
    east.see(seen(1, 1))
    write(east)
    with server.client() as client:
        (key,) = client.keys("*")
        (_, fields) = client.xrange(key)[-1]
        client.xadd(key, {b"c": b"south", b"s": fields[b"s"]})
        client.xadd(key, {b"c": b"north", b"s": fields[b"s"][:-1] + b"\0"})
        client.xadd(key, {b"other": b"rubbish"})
    west.see(seen(2, 2, "south"))
    write(west)
    close(west)
    assert [part.deleted for part in west.parts()] == [2]


def test_judgements_of_two_boxes_make_one_day_in_the_database(tmp_path: Path, boxes: tuple[Box, Box]) -> None:
    east, west = boxes
    all_come_at_both(east, west)
    write(east, west)
    told = close(east, west)
    engine = open_database(f"sqlite:///{tmp_path / 'footfall.db'}")
    store = Store(engine)
    store.sync(settings(""))
    judged = [first for box in boxes for first in box.firsts().values()]
    store.save_visits([visit(number, NOON, one.camera_id, uid=one.uid) for number, one in enumerate(judged)])
    for box in (*boxes, *boxes):  # what is sent twice is stored once
        store.save_parts([record for record in box.written if isinstance(record, RegisterPart)])
        store.save_firsts([record for record in box.written if isinstance(record, First)])
    selection = Selection(NOON.date(), NOON.date(), sites=("mall",))
    with reading(engine) as connection:
        sums = {str(name): int(value) for name, value in firsts(connection, selection, ()).iloc[0].items()}
        day = unique_day(parts(connection, selection), sums, 2 * PEOPLE, 0.25)
        assert verify(connection, NOON.date(), NOON.date()) == []
    engine.dispose()
    assert (day.unique, day.told, day.not_shared) == (round(told.unique), 2 * PEOPLE, 0)
    assert day.low is not None and day.high is not None and day.low <= round(told.unique) <= day.high


def test_tls_and_a_user_with_few_rights_are_enough(tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    certificate = authority.issue_cert("127.0.0.1")
    certificate.private_key_and_cert_chain_pem.write_to_path(str(tmp_path / "server.pem"))
    tls_port, names = free_port(), {name: str(tmp_path / f"{name}.pem") for name in ("ca", "server")}
    tls = ["--tls-port", str(tls_port), "--tls-auth-clients", "no", "--tls-ca-cert-file", names["ca"]]
    tls += ["--tls-cert-file", names["server"], "--tls-key-file", names["server"]]
    rights = "~footfall:* +@read +@write +@transaction +@connection +config|get +info"
    server = RedisServer(tmp_path, *MEMORY_ONLY, *tls, "--user", "box", "on", ">hush", *rights.split())
    server.start()
    try:
        url = f"rediss://box:hush@127.0.0.1:{tls_port}/0?ssl_ca_certs={names['ca']}"
        east, west = Box(settings(url), "east"), Box(settings(url), "west")
        all_come_at_both(east, west)
        write(east, west)
        assert (east.registers.sharing, west.registers.sharing) == ("on", "on")
        assert close(east, west).unique == pytest.approx(PEOPLE, abs=OFF)
        north = Box(settings(url.replace("box:", "box:x")), "north")
        write(north)
        assert north.registers.sharing == "alone: Redis refuses user or password; check sharing.redis_url"
    finally:
        server.kill()


def test_doctor_and_status_say_what_to_do(tmp_path: Path) -> None:
    server = RedisServer(tmp_path)
    config = settings(server.url)
    away = check_sharing(config)
    assert (away.finding, away.advice) == (Finding.BAD, "start it, or mend sharing.redis_url")
    server.start()
    try:
        assert check_sharing(config).finding is Finding.GOOD
        with server.client() as client:
            client.config_set("save", "60 1")
        writes = check_sharing(config)
        assert (writes.finding, writes.advice) == (Finding.BAD, 'set save "" in redis.conf')
    finally:
        server.kill()
    health = Health(NOON, {}, "", 0, 0, sharing="alone: Redis does not answer")
    assert health.verdict == "degraded"
    assert remarks(Status({**health.document(), "troubles": []})) == [
        "Visits are compared on this machine alone: Redis does not answer"
    ]
