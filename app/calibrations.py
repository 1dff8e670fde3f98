"""Keeps in the database what the network of the settings takes for what, so that shares can be corrected later."""

from __future__ import annotations

from datetime import UTC, datetime

import structlog
from sqlalchemy import Engine

from db.session import transact
from db.writing.estimates import note_calibration
from footfall.config import Config
from footfall.errors import ModelError
from inference import AttributeModel, load_attributes


def keep_calibration(engine: Engine, config: Config) -> None:
    """Keep the table of confusions of the network that the settings name; without one the log says so.

    Raises:
        StoreError: the database is away.
    """
    try:
        keep_calibration_of(engine, load_attributes(config.attributes.model))
    except ModelError as error:
        structlog.get_logger("footfall.estimates").warning("no shares of new visits are corrected", reason=str(error))


def keep_calibration_of(engine: Engine, network: AttributeModel) -> None:
    """Keep the table of confusions that a loaded network carries, if it carries one."""
    if network.confusion is not None:
        transact(engine, note_calibration, network.model_version, network.confusion, datetime.now(UTC))
