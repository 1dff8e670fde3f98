"""`footfall annotate`: footage with what the program sees drawn on it, for a person to look at."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli.output import ConfigOption, console, frame_progress
from app.cli.process import settings_for
from footfall.errors import ConfigError


def annotate(
    video: Annotated[Path, typer.Argument(help="A video file, or a folder of pictures.")],
    out: Annotated[Path, typer.Option("--out", help="The MP4 to write. It shows faces: treat it accordingly.")],
    camera: Annotated[str, typer.Option("--camera", help="The camera that took it, as in the settings.")] = "camera",
    config: ConfigOption = None,
) -> None:
    """Write the footage with counting line, boxes, ids, gender and age drawn on; nothing goes to the database."""
    from app.compose import Run, build_pipeline, load_networks
    from footfall.logs import log_as_set
    from ingest.annotate import annotate as write_annotated
    from ingest.recording import identify_recording
    from ingest.sources.kinds import open_source
    from ingest.sources.timeline import utc_now

    if out.exists() and video.exists() and (out.samefile(video) or out.parent.samefile(video)):
        raise ConfigError(f"--out {out} would replace the footage or lie in it; choose another place")
    chosen = settings_for(config, camera)
    log_as_set(chosen)
    settings = chosen.camera(camera).model_copy(update={"source": str(video)})
    networks = load_networks(chosen, settings)
    run = identify_recording(camera, video).run
    source = open_source(camera, settings, utc_now())  # its times are shown nowhere
    try:
        pipeline = build_pipeline(chosen, settings, networks, Run(camera, run, source.size))
        with frame_progress(video.name, quiet=False) as progress:
            visits = write_annotated(source, pipeline, out, progress, camera=settings)
    finally:
        source.close()
    console.print(f"wrote {out}: {visits} visits")
