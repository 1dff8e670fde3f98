"""`footfall api` and `footfall mqtt`: the numbers for other programs."""

from __future__ import annotations

from app.cli.output import ConfigOption, settings
from app.extras import require_extra
from footfall.errors import ConfigError


def api(config: ConfigOption = None) -> None:
    """Answer programs that ask for the numbers with a token (`footfall users token`), until told to end."""
    require_extra("api", "fastapi", "fastapi_offline", "limits", "uvicorn")
    from api.launch import run
    from app.opening import open_engine
    from footfall.logs import log_as_set

    chosen = settings(config)
    log_as_set(chosen)
    run(chosen, open_engine(chosen))


def mqtt(config: ConfigOption = None) -> None:
    """Send today's numbers and the state of the cameras to an MQTT broker, until told to end."""
    require_extra("mqtt", "paho")
    from app.opening import open_engine
    from broadcast.service import run
    from footfall.logs import log_as_set

    chosen = settings(config)
    if not chosen.mqtt.host:
        raise ConfigError('mqtt.host: no broker is named; write [mqtt] and host = "..." into the settings')
    log_as_set(chosen)
    run(chosen, open_engine(chosen))
