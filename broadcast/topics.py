"""Which messages say what is true now: topics with their retained payloads, those of Home Assistant among them.

PREFIX/status                            online, or offline (the last will)
PREFIX/SITE/state                        {"came_in": 37, "went_out": 30, "observed_percent": 98, "since": "..."}
PREFIX/SITE/inside/state                 {"inside": 70, "low": 61, "high": 80, "alarm": "on", "alarm_level": 70}
PREFIX/SITE/entrances/ENTRANCE/state     the same of one entrance
PREFIX/SITE/cameras/CAMERA/state         {"state": "watching", "trouble": false, "seen_at": "..."}
DISCOVERY_PREFIX/device/ID/config        one device for each site, with its entities
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from broadcast.present import Camera, Counted, Inside, Present
from dashboard.numbers.camera_state import CameraState
from footfall import __version__
from footfall.config_services import MqttConfig

ONLINE, OFFLINE = "online", "offline"
Messages = dict[str, str]


def status_topic(settings: MqttConfig) -> str:
    """Return the topic that says whether the program is there."""
    return f"{settings.prefix}/status"


def messages(sites: list[Present], settings: MqttConfig) -> Messages:
    """Return what is to be retained by the broker about `sites`, by topic; the status is not among it."""
    found: Messages = {}
    for site in sites:
        found |= dict(_states(site, settings.prefix))
        if settings.discovery:
            topic, device = _device(site, settings)
            found[topic] = _json(device)
    return found


def own_topics(settings: MqttConfig) -> list[str]:
    """Return the filters of all topics that this program may have retained messages under."""
    mine = [f"{settings.prefix}/+/state", f"{settings.prefix}/+/entrances/+/state"]
    mine.append(f"{settings.prefix}/+/inside/state")
    return [*mine, f"{settings.prefix}/+/cameras/+/state", f"{settings.discovery_prefix}/device/+/config"]


def is_own(topic: str, payload: bytes, settings: MqttConfig) -> bool:
    """Return whether a retained message is this program's: other programs describe devices in the same place."""
    if not topic.startswith(f"{settings.discovery_prefix}/"):
        return True
    start = f"{settings.discovery_prefix}/device/{_object_id(settings, '')}"
    status = f'"{status_topic(settings)}"'.encode()
    return topic.startswith(start) and status in payload


def leading_to(wanted: str, held: str | None) -> list[str]:
    """Return what to send, one after the other, so that `wanted` takes the place of what the broker holds.

    Home Assistant keeps an entity that a device no longer names; before, it has to be named once with nothing but its
    platform (MQTT integration, device discovery).
    """
    try:
        now, before = json.loads(wanted), json.loads(held or "{}")
        gone = {key: part["platform"] for key, part in before["components"].items() if key not in now["components"]}
    except (ValueError, KeyError, TypeError, AttributeError):
        return [wanted]
    if not gone:
        return [wanted]
    named = now["components"] | {key: {"platform": platform} for key, platform in gone.items()}
    return [_json(now | {"components": named}), wanted]


def name_in_topic(name: str) -> str:
    """Return `name` as one level of a topic: a-z, 0-9, - and _, with a mark where that is not all there is to it."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    plain = re.sub(r"[^a-z0-9_-]+", "-", plain).strip("-")[:48]
    if plain == name:
        return plain
    return f"{plain or 'x'}-{hashlib.sha256(name.encode()).hexdigest()[:6]}"


def _states(site: Present, prefix: str) -> Iterator[tuple[str, str]]:
    yield f"{prefix}/{site.site}/state", _json(_numbers(site, site.counted))
    if site.inside is not None:
        yield _inside_topic(prefix, site), _json(_people(site.inside))
    for name, counted in site.entrances.items():
        yield _entrance_topic(prefix, site, name), _json(_numbers(site, counted) | {"entrance": name})
    for camera in site.cameras:
        seen_at = None if camera.seen_at is None else camera.seen_at.isoformat()
        state = {"state": camera.state.value, "trouble": camera.state.is_trouble, "seen_at": seen_at}
        yield _camera_topic(prefix, site, camera), _json(state | {"entrance": camera.entrance, "label": camera.label})


def _people(inside: Inside) -> dict[str, Any]:
    now = inside.now
    numbers = None if now is None else {"inside": now.estimate, "low": now.low, "high": now.high}
    alarm = None if now is None or inside.alarm_level is None else now.alarm_state or "off"
    nothing = {"inside": None, "low": None, "high": None}
    return (numbers or nothing) | {"alarm": alarm, "alarm_level": inside.alarm_level}


def _numbers(site: Present, counted: Counted) -> dict[str, Any]:
    numbers: dict[str, Any] = {"came_in": counted.came_in, "went_out": counted.went_out}
    numbers["observed_percent"] = counted.observed_percent
    return numbers | {"day": site.day.isoformat(), "since": counted.since.isoformat()}


def _device(site: Present, settings: MqttConfig) -> tuple[str, dict[str, Any]]:
    """Return topic and payload by which Home Assistant makes a device of a site."""
    prefix, object_id = settings.prefix, _object_id(settings, site.site)
    topic = f"{prefix}/{site.site}/state"
    parts = {**dict(_counters("", "", topic)), "observed": _observed(topic)}
    if site.inside is not None:
        parts |= dict(_inside_parts(site.inside, _inside_topic(prefix, site)))
    for name in site.entrances:
        parts |= dict(_counters(f"{name_in_topic(name)}_", f"{name} ", _entrance_topic(prefix, site, name)))
    for camera in site.cameras:
        parts |= dict(_camera_parts(camera, _camera_topic(prefix, site, camera)))
    device = {
        "device": {
            "identifiers": [object_id],
            "name": site.label or site.site,
            "manufacturer": "mall-footfall",
            "model": "People counter",
            "sw_version": __version__,
        },
        "origin": {"name": "mall-footfall", "sw_version": __version__},
        "availability_topic": status_topic(settings),
        "payload_available": ONLINE,
        "payload_not_available": OFFLINE,
        "components": {key: part | {"unique_id": f"{object_id}_{key}"} for key, part in parts.items()},
    }
    return f"{settings.discovery_prefix}/device/{object_id}/config", device


def _counters(key: str, name: str, topic: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Give the entities of a place: totals that begin anew at midnight, and may shrink when a recording is taken back.

    `total` with the moment of the reset, because `total_increasing` would take a smaller number for a new day.
    """
    for field, words, icon in (("came_in", "Came in today", "mdi:login"), ("went_out", "Went out today", "mdi:logout")):
        yield (
            f"{key}{field}",
            {
                "platform": "sensor",
                "name": f"{name}{words.lower() if name else words}",
                "state_topic": topic,
                "value_template": f"{{{{ value_json.{field} }}}}",
                "state_class": "total",
                "last_reset_value_template": "{{ value_json.since }}",
                "unit_of_measurement": "people",
                "icon": icon,
            },
        )


def _observed(topic: str) -> dict[str, Any]:
    """Return the entity that says how far today's numbers are to be trusted."""
    return {
        "platform": "sensor",
        "name": "Observed today",
        "state_topic": topic,
        "value_template": "{{ value_json.observed_percent }}",
        "state_class": "measurement",
        "unit_of_measurement": "%",
        "entity_category": "diagnostic",
        "icon": "mdi:eye-check",
    }


def _inside_parts(inside: Inside, topic: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Give the entities of how many are inside; Home Assistant calls them unknown where the template gives None."""
    yield (
        "inside",
        {
            "platform": "sensor",
            "name": "Inside now",
            "state_topic": topic,
            "value_template": "{{ value_json.inside }}",
            "json_attributes_topic": topic,
            "state_class": "measurement",
            "unit_of_measurement": "people",
            "icon": "mdi:account-group",
        },
    )
    if inside.alarm_level is not None:
        told = "None if value_json.alarm is none else 'ON' if value_json.alarm == 'on' else 'OFF'"
        yield (
            "inside_alarm",
            {
                "platform": "binary_sensor",
                "name": "Inside alarm",
                "state_topic": topic,
                "value_template": f"{{{{ {told} }}}}",
                "device_class": "safety",
            },
        )


def _camera_parts(camera: Camera, topic: str) -> Iterator[tuple[str, dict[str, Any]]]:
    name = camera.label or camera.name
    yield (
        f"camera_{camera.name}_state",
        {
            "platform": "sensor",
            "name": f"Camera {name}",
            "state_topic": topic,
            "value_template": "{{ value_json.state }}",
            "device_class": "enum",
            "options": [state.value for state in CameraState],
            "entity_category": "diagnostic",
            "icon": "mdi:cctv",
        },
    )
    yield (
        f"camera_{camera.name}_trouble",
        {
            "platform": "binary_sensor",
            "name": f"Camera {name} trouble",
            "state_topic": topic,
            "value_template": "{{ 'ON' if value_json.trouble else 'OFF' }}",
            "device_class": "problem",
            "entity_category": "diagnostic",
        },
    )


def _inside_topic(prefix: str, site: Present) -> str:
    return f"{prefix}/{site.site}/inside/state"


def _entrance_topic(prefix: str, site: Present, name: str) -> str:
    return f"{prefix}/{site.site}/entrances/{name_in_topic(name)}/state"


def _camera_topic(prefix: str, site: Present, camera: Camera) -> str:
    return f"{prefix}/{site.site}/cameras/{camera.name}/state"


def _object_id(settings: MqttConfig, site: str) -> str:
    return f"{re.sub(r'[^A-Za-z0-9_-]', '_', settings.prefix)}_{site}"


def _json(document: Mapping[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))
