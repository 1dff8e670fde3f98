"""The connection to the broker: kept up by itself, and what the broker retains made equal to what is true now."""

from __future__ import annotations

import ssl
import sys
import threading
from collections.abc import Callable
from typing import Any

import structlog
from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from broadcast.topics import OFFLINE, ONLINE, Messages, is_own, leading_to, own_topics, status_topic
from footfall.config_services import MqttConfig
from footfall.errors import ConfigError

KEEPALIVE_S = 30
SHORTEST_WAIT_S, LONGEST_WAIT_S = 1, 60
PARTING_S = 3.0
AT_LEAST_ONCE = 1


class Broker:
    """A client that never blocks: while the broker is away nothing is queued, and on its return everything is sent.

    It listens to its own topics, so it knows what the broker retains: of an earlier run, of a camera that was retired
    meanwhile, or nothing after the broker lost its memory.

    Args:
        settings: which broker, and under which topics.
        on_return: called, in another thread, whenever the broker is there again.

    Raises:
        ConfigError: `ca_file` cannot be read.
    """

    def __init__(self, settings: MqttConfig, on_return: Callable[[], None]) -> None:
        self._settings = settings
        self._on_return = on_return
        self._lock = threading.Lock()
        self._retained: Messages = {}
        self._told = ""
        self._log = structlog.get_logger("footfall.mqtt")
        self._client = client = Client(CallbackAPIVersion.VERSION2, f"footfall-{settings.prefix.replace('/', '-')}")
        if settings.username:
            client.username_pw_set(settings.username, settings.password.get_secret_value() or None)
        if settings.tls:
            client.tls_set_context(_trusting(settings))
        client.will_set(status_topic(settings), OFFLINE, AT_LEAST_ONCE, retain=True)
        client.reconnect_delay_set(SHORTEST_WAIT_S, LONGEST_WAIT_S)
        client.on_connect = self._connected
        client.on_connect_fail = self._unreachable
        client.on_disconnect = self._disconnected
        client.on_message = self._heard

    def start(self) -> None:
        """Begin to connect, in a thread of its own."""
        self._client.connect_async(self._settings.host, self._settings.port, KEEPALIVE_S)
        self._client.loop_start()

    def show(self, wanted: Messages) -> None:
        """Let the broker retain `wanted` and nothing else of this program; does nothing while it is away."""
        if not self._client.is_connected():
            return
        wanted = {**wanted, status_topic(self._settings): ONLINE}
        with self._lock:
            held = dict(self._retained)
        for topic, payload in wanted.items():
            if held.get(topic) != payload:
                for step in leading_to(payload, held.get(topic)):
                    self._publish(topic, step)
        for topic in held.keys() - wanted.keys():
            self._publish(topic, "")

    def show_offline(self) -> None:
        """Say that what is retained is not kept up at the moment."""
        if self._client.is_connected() and self._retained.get(status_topic(self._settings)) != OFFLINE:
            self._publish(status_topic(self._settings), OFFLINE)

    def stop(self) -> None:
        """Say goodbye, as far as the broker listens."""
        if self._client.is_connected():
            self._client.publish(status_topic(self._settings), OFFLINE, AT_LEAST_ONCE, retain=True).wait_for_publish(
                PARTING_S
            )
        self._client.disconnect()
        self._client.loop_stop()

    def _publish(self, topic: str, payload: str) -> None:
        sent = self._client.publish(topic, payload, AT_LEAST_ONCE, retain=True)
        if sent.rc == MQTTErrorCode.MQTT_ERR_SUCCESS:
            self._note(topic, payload)

    def _note(self, topic: str, payload: str) -> None:
        with self._lock:
            if payload:
                self._retained[topic] = payload
            else:
                self._retained.pop(topic, None)

    def _connected(
        self, client: Client, data: Any, flags: ConnectFlags, reason: ReasonCode, properties: Properties | None
    ) -> None:
        del data, flags, properties
        if reason.is_failure:
            self._tell(f"the broker refuses: {reason}; see username and password of [mqtt]")
            return
        with self._lock:
            self._retained.clear()
        client.subscribe([(topic, AT_LEAST_ONCE) for topic in (*own_topics(self._settings), *self._status())])
        self._tell("")
        self._on_return()

    def _status(self) -> tuple[str]:
        return (status_topic(self._settings),)

    def _unreachable(self, client: Client, data: Any) -> None:
        del client, data
        self._tell(f"the broker cannot be reached, it is tried again: {sys.exception() or 'no answer'}")

    def _disconnected(
        self, client: Client, data: Any, flags: DisconnectFlags, reason: ReasonCode, properties: Properties | None
    ) -> None:
        del client, data, flags, properties
        if reason.is_failure and not self._told:
            self._tell(f"the broker is away, it is tried again: {reason}")

    def _heard(self, client: Client, data: Any, message: MQTTMessage) -> None:
        """Note what the broker retains; what another program says of itself in the same place is not ours."""
        del client, data
        if is_own(message.topic, bytes(message.payload), self._settings) and message.retain:
            self._note(message.topic, message.payload.decode("utf-8", "replace"))

    def _tell(self, trouble: str) -> None:
        """Log what changed, once."""
        if trouble == self._told and trouble:
            return
        self._told = trouble
        place = {"host": self._settings.host, "port": self._settings.port}
        if trouble:
            self._log.warning(trouble, **place)
        else:
            self._log.info("connected to the broker", **place)


def _trusting(settings: MqttConfig) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=None if settings.ca_file is None else str(settings.ca_file))
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(f"mqtt.ca_file: {settings.ca_file}: cannot be read as certificates: {error}") from None
