"""Today's numbers at a real broker: with a password and TLS, through its restarts, and gone when they are not true."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import structlog
import trustme
from sqlalchemy import Engine

from broadcast.service import Broadcast
from broadcast.topics import name_in_topic
from dashboard.numbers.kept import forget_kept
from db.store import Store
from footfall.config import Config
from footfall.errors import ConfigError
from footfall.types import CameraMinute, Direction, Gender, Visit
from tests.conftest import FakeClock
from tests.integration.away import away
from tests.integration.broadcast.mosquitto import PASSWORD, USER, Mosquitto, listening, mqtt_settings
from tests.mall import NOW, fill_mall, mall_config

PATIENCE_S = 60
NORTH = f"footfall/main/entrances/{name_in_topic('North *gate*')}/state"
SOUTH = f"footfall/main/entrances/{name_in_topic('South')}/state"
SITE, CAMERA = "footfall/main/state", "footfall/main/cameras/north/state"
DEVICE = "homeassistant/device/footfall_main/config"


@dataclass
class Mall:
    """The small mall at half past ten, with numbers of today to come."""

    config: Config
    engine: Engine
    clock: FakeClock

    def somebody(self, direction: Direction, camera: str = "north") -> None:
        """Store a visit of now and the minute in which it was seen."""
        now, store = self.clock(), Store(self.engine, clock=self.clock)
        someone = Visit(
            uid=uuid4(), camera_id=camera, entered_at=now, left_at=now, direction=direction, gender=Gender.UNKNOWN,
            age_group="unknown", age_years=None, p_female=None, samples=1, quality=0.5, model_version="test",
        )  # fmt: skip
        store.save_visits([someone])
        minute = now.replace(second=0, microsecond=0)
        store.save_minutes([CameraMinute(camera, uuid4(), minute, 60.0, 480, 470, 10, 0, 20, 5, 0.25)])
        forget_kept()


@pytest.fixture
def mall(tmp_path: Path) -> Iterator[Mall]:
    config = mall_config(f"sqlite:///{tmp_path / 'footfall.db'}", tmp_path)
    engine = fill_mall(config)
    forget_kept()
    yield Mall(config, engine, FakeClock(NOW))
    engine.dispose()


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    made = Mosquitto(tmp_path)
    yield made
    made.stop()


@contextmanager
def sending(mall: Mall, **settings: object) -> Iterator[Callable[[], None]]:
    """Run the service and give what makes it look now."""
    config = mall.config.model_copy(update={"mqtt": mqtt_settings(**settings)})  # type: ignore[arg-type]
    service = Broadcast(config, mall.engine, mall.clock)
    thread = threading.Thread(target=service.run)
    thread.start()
    try:
        yield service.look
    finally:
        service.stop()
        thread.join(PATIENCE_S)
    assert not thread.is_alive()


def numbers(held: dict[str, str], topic: str) -> tuple[Any, Any]:
    """Return how many came in and went out, None while the topic is not there."""
    document = json.loads(held.get(topic, "{}"))
    return document.get("came_in"), document.get("went_out")


def complete(held: dict[str, str]) -> bool:
    """Say whether the site was told whole: a broker gives what it retains in any order to whoever subscribes."""
    parts = json.loads(held.get(DEVICE, "{}")).get("components", {})
    return "footfall/status" in held and bool(parts) and all(part["state_topic"] in held for part in parts.values())


def test_todays_numbers_are_retained_and_begin_anew_at_midnight(mall: Mall, broker: Mosquitto) -> None:
    broker.start()
    mall.somebody(Direction.IN)
    with sending(mall, port=broker.port) as look, listening(broker.port) as (listener, _):
        held = listener.wait_until(lambda held: numbers(held, SITE) == (1, 0) and complete(held))
        assert (numbers(held, NORTH), numbers(held, SOUTH)) == ((1, 0), (0, 0))
        assert held["footfall/status"] == "online"
        assert json.loads(held[SITE])["since"] == "2026-03-03T00:00:00+01:00"
        # One minute of the ninety since nine, at one of two cameras; at the other none.
        assert [json.loads(held[topic])["observed_percent"] for topic in (NORTH, SITE, SOUTH)] == [1, 0, 0]
        assert json.loads(held[CAMERA]) | {"seen_at": ""} == {
            "state": "watching", "trouble": False, "seen_at": "", "entrance": "North *gate*",
            "label": mall.config.cameras["north"].label,
        }  # fmt: skip
        mall.clock.advance(minutes=5)
        mall.somebody(Direction.OUT, "south")
        look()
        held = listener.wait_until(lambda held: numbers(held, SOUTH) == (0, 1) and "not" in held[CAMERA])
        assert (numbers(held, SITE), numbers(held, NORTH)) == ((1, 1), (1, 0))
        assert json.loads(held[CAMERA])["state"] == "not watching" and json.loads(held[CAMERA])["trouble"]
        mall.clock.advance(hours=14)
        look()
        held = listener.wait_until(lambda held: numbers(held, SITE) == (0, 0))
        night = json.loads(held[SITE])
        assert (night["since"], night["observed_percent"]) == ("2026-03-04T00:00:00+01:00", None)
    with listening(broker.port) as (later, _):  # who comes after the service ended learns that, and the last numbers
        held = later.wait_until(lambda held: SITE in held and "footfall/status" in held)
    assert held["footfall/status"] == "offline" and numbers(held, SITE) == (0, 0)


def test_home_assistant_finds_a_device_for_each_site(mall: Mall, broker: Mosquitto) -> None:
    broker.start()
    with sending(mall, port=broker.port), listening(broker.port) as (listener, _):
        held = listener.wait_until(complete)
    device = json.loads(held[DEVICE])
    assert device["device"] == device["device"] | {"identifiers": ["footfall_main"], "name": "Main mall"}
    assert (device["availability_topic"], device["payload_not_available"]) == ("footfall/status", "offline")
    parts = device["components"]
    assert len({part["unique_id"] for part in parts.values()}) == len(parts) == 4 + 2 * 2 + 2 * 2
    came = parts["came_in"]
    # `last_reset` is allowed with `total` only; `total_increasing` would count a taken back recording as a new day.
    assert (came["state_class"], came["last_reset_value_template"]) == ("total", "{{ value_json.since }}")
    assert parts["camera_north_trouble"]["device_class"] == "problem"
    assert "watching" in parts["camera_north_state"]["options"]


def test_nothing_of_a_retired_camera_or_of_an_earlier_run_stays(mall: Mall, broker: Mosquitto) -> None:
    broker.start()
    others = {"homeassistant/device/lamp/config": '{"availability_topic":"lamp/status"}', "lamp/main/state": "on"}
    old = {
        "footfall/closed-mall/state": "{}",
        "footfall/gone/inside/state": "{}",
        "footfall/main/cameras/gone/state": "{}",
    }
    with listening(broker.port) as (listener, client):
        for topic, payload in {**others, **old}.items():
            client.publish(topic, payload, 1, retain=True)
        listener.wait_until(lambda held: held.keys() >= {*others, *old})
        with sending(mall, port=broker.port, every_s=1):
            listener.wait_until(lambda held: CAMERA in held and not held.keys() & old.keys())
            Store(mall.engine, clock=mall.clock).retire_camera("north", NOW.date())
            forget_kept()
            held = listener.wait_until(lambda held: CAMERA not in held and "camera_north_state" not in held[DEVICE])
    # Home Assistant forgets an entity only when it was named once more, with nothing but its platform.
    parts = [json.loads(payload)["components"] for topic, payload in listener.said if topic == DEVICE]
    assert parts[-2]["camera_north_trouble"] == {"platform": "binary_sensor"}
    assert parts[-2]["camera_south_trouble"] == parts[-1]["camera_south_trouble"]
    assert "footfall/main/cameras/south/state" in held
    assert held.items() >= others.items()


def test_a_broker_that_comes_late_or_forgets_gets_the_newest_state(mall: Mall, broker: Mosquitto) -> None:
    with sending(mall, port=broker.port) as look, listening(broker.port) as (listener, _):
        mall.somebody(Direction.IN)
        look()  # nothing listens; nothing waits for it
        broker.start()
        listener.wait_until(lambda held: numbers(held, SITE) == (1, 0))
        broker.stop()
        mall.somebody(Direction.IN, "south")
        look()
        listener.held.clear()
        broker.start()
        held = listener.wait_until(lambda held: numbers(held, SITE) == (2, 0) and complete(held))
    assert numbers(held, NORTH) == (1, 0)


def test_while_the_database_is_away_nothing_is_called_true(mall: Mall, broker: Mosquitto, tmp_path: Path) -> None:
    broker.start()
    with sending(mall, port=broker.port) as look, listening(broker.port) as (listener, _):
        listener.wait_until(lambda held: held.get("footfall/status") == "online")
        with away(mall.engine, tmp_path / "footfall.db"):
            forget_kept()
            look()
            held = listener.wait_until(lambda held: held["footfall/status"] == "offline")
            assert numbers(held, SITE) == (0, 0)
        mall.somebody(Direction.IN)
        look()
        listener.wait_until(lambda held: numbers(held, SITE) == (1, 0) and held["footfall/status"] == "online")


def test_the_command_speaks_tls_and_its_death_is_told(mall: Mall, tmp_path: Path) -> None:
    authority = trustme.CA()
    certificate, trusted = tmp_path / "server.pem", tmp_path / "authority.pem"
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(str(certificate))
    authority.cert_pem.write_to_path(str(trusted))
    broker = Mosquitto(tmp_path, certificate)
    broker.start()
    (tmp_path / "footfall.toml").write_text(
        f'database_url = "{mall.config.database_url.get_secret_value()}"\n[sites.main]\n[mqtt]\nhost = "127.0.0.1"\n'
        f'port = {broker.port}\ntls = true\nca_file = "authority.pem"\nusername = "{USER}"\nprefix = "mall/one"\n'
    )
    command = [sys.executable, "-c", "from app.cli import main; main()", "mqtt"]
    environment = {**os.environ, "FOOTFALL_MQTT__PASSWORD": PASSWORD, "PYTHONPATH": str(Path(__file__).parents[3])}
    try:
        with listening(broker.port, trusted) as (listener, _), (tmp_path / "log").open("w") as log:
            process = subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=log)
            listener.wait_until(lambda held: held.get("mall/one/status") == "online" and "mall/one/annex/state" in held)
            process.send_signal(signal.SIGKILL)
            process.wait(PATIENCE_S)
            listener.wait_until(lambda held: held["mall/one/status"] == "offline")
    finally:
        broker.stop()
    assert PASSWORD not in (tmp_path / "log").read_text()


def test_a_wrong_password_is_told_and_does_not_end_the_service(mall: Mall, broker: Mosquitto) -> None:
    broker.start()
    said: list[str] = []
    told = threading.Event()

    def note(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        said.append(str(event["event"]))
        if "refuses" in said[-1]:
            told.set()
        return event

    with structlog.testing.capture_logs([note]), sending(mall, port=broker.port, password="wrong"):
        assert told.wait(PATIENCE_S)
    assert any("username and password" in line for line in said) and not any("wrong" in line for line in said)


def test_certificates_that_cannot_be_read_are_a_mistake_of_the_settings(mall: Mall, tmp_path: Path) -> None:
    config = mall.config.model_copy(update={"mqtt": mqtt_settings(1, tls=True, ca_file=tmp_path / "none.pem")})
    with pytest.raises(ConfigError, match="cannot be read"):
        Broadcast(config, mall.engine)


def test_names_that_look_alike_in_a_topic_stay_apart() -> None:
    names = ["north", "North", "Nörth", "north ", "north/gate", "北", "南", "+", "#"]
    found = [name_in_topic(name) for name in names]
    assert found[0] == "north" and len(set(found)) == len(names)
    assert not any(set(name) & set("/+#$ ") for name in found)
