"""`footfall dashboard`: the pages that the mall's people open."""

from __future__ import annotations

from app.cli.output import ConfigOption, config_path, settings


def dashboard(config: ConfigOption = None) -> None:
    """Serve the dashboard until told to end. Without any user it listens on 127.0.0.1 only."""
    from app.look import pipeline_to_look_with
    from app.opening import open_engine
    from dashboard.serving.launch import run
    from footfall.logs import log_as_set

    chosen = settings(config)
    log_as_set(chosen)
    run(config_path(config), chosen, engine=open_engine(chosen), new_pipeline=pipeline_to_look_with)
