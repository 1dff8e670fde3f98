"""The program's numbers for Prometheus. Counters begin anew with every worker, as Prometheus expects of restarts."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from ingest.health.state import CameraHealth, Health

CAMERA_COUNTERS: dict[str, tuple[str, Callable[[CameraHealth], float]]] = {
    "frames_seen": ("Frames that arrived from the camera", lambda c: c.heartbeat.frames_seen),
    "frames_processed": ("Frames that went through the pipeline", lambda c: c.heartbeat.frames_processed),
    "frames_dropped": ("Frames dropped because the worker was behind", lambda c: c.heartbeat.frames_dropped),
    "frames_damaged": ("Frames that could not be decoded", lambda c: c.heartbeat.frames_damaged),
    "faces": ("Faces detected, counted minute by minute", lambda c: c.heartbeat.faces),
    "visits": ("Visits that ended", lambda c: c.heartbeat.visits),
    "reconnects": ("Times the stream was opened again", lambda c: c.heartbeat.reconnects),
    "worker_restarts": ("Times the worker's process was started again", lambda c: c.restarts),
    "records_lost": ("Records given up because disk and memory were full", lambda c: c.heartbeat.lost),
}
CAMERA_GAUGES: dict[str, tuple[str, Callable[[CameraHealth], float]]] = {
    "up": ("1 while frames arrive", lambda c: float(c.state == "live")),
    "picture_ok": ("1 while the picture is neither dark, covered, blurred nor moved", lambda c: _picture_ok(c)),
    "too_slow": ("1 while so many frames are dropped that people are missed", lambda c: float(c.heartbeat.slow)),
    "lag_seconds": ("How far the worker is behind the camera", lambda c: c.heartbeat.lag_s),
    "spool_records": ("Records on the disk that wait for the database", lambda c: c.spool),
    "spool_refused_records": ("Records that the database refused", lambda c: c.refused),
    "memory_records": ("Records in memory because the spool cannot be written", lambda c: c.heartbeat.waiting),
}


class HealthCollector(Collector):
    """Gives the newest health of the program to Prometheus whenever it asks."""

    def __init__(self, newest: Callable[[], Health]) -> None:
        self._newest = newest

    def collect(self) -> Iterable[Metric]:
        """Yield every metric of every camera, then those of the whole program."""
        health = self._newest()
        for name, (text, counter) in CAMERA_COUNTERS.items():
            counters = CounterMetricFamily(f"footfall_{name}", text, labels=["camera"])
            for camera_id, camera in health.cameras.items():
                counters.add_metric([camera_id], counter(camera))
            yield counters
        for name, (text, gauge) in CAMERA_GAUGES.items():
            gauges = GaugeMetricFamily(f"footfall_{name}", text, labels=["camera"])
            for camera_id, camera in health.cameras.items():
                gauges.add_metric([camera_id], gauge(camera))
            yield gauges
        stages = CounterMetricFamily("footfall_stage_seconds", "Seconds of work by stage", labels=["camera", "stage"])
        for camera_id, camera in health.cameras.items():
            for stage, seconds in camera.heartbeat.stage_s.items():
                stages.add_metric([camera_id, stage], seconds)
        yield stages
        yield CounterMetricFamily("footfall_records_sent", "Records stored in the database", value=health.sent)
        yield CounterMetricFamily("footfall_send_failures", "Rounds that failed to send", value=health.send_failures)
        yield GaugeMetricFamily("footfall_templates_held", "Visits with a template in memory", health.templates_held)
        yield CounterMetricFamily("footfall_visits_compared", "Visits given to registers", value=health.visits_compared)
        yield CounterMetricFamily("footfall_visits_late", "Visits of a day already closed", value=health.visits_late)
        if health.sharing != "off":
            yield GaugeMetricFamily("footfall_sharing_up", "1 while boxes share", value=float(health.sharing == "on"))
        yield GaugeMetricFamily("footfall_database_up", "1 while records reach it", value=float(not health.problem))


def metrics_page(newest: Callable[[], Health]) -> bytes:
    """Return the metrics in Prometheus' text format."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(HealthCollector(newest))
    return generate_latest(registry)


def _picture_ok(camera: CameraHealth) -> float:
    return float(camera.heartbeat.picture == "ok")
