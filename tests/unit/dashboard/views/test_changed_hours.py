"""Past days keep the opening hours that held then, whatever the settings say now."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import Engine
from streamlit.testing.v1 import AppTest

from dashboard.numbers.kept import forget_kept
from db.store import Store
from footfall.config import Config
from footfall.config_sections import SiteConfig
from notices.day import day_told
from tests.mall import DAY
from tests.unit.dashboard.conftest import texts


@pytest.mark.parametrize("hours", ["09:00-15:00", {"tue": "09:00-12:00"}])
def test_a_past_day_is_told_with_the_hours_that_held_on_it(
    mall: Engine, config: Config, open_page: Callable[..., AppTest], mall_clock: Callable[[], datetime], hours: Any
) -> None:
    def told() -> list[str]:
        forget_kept()
        people = open_page("demographics", site="main", day=DAY.isoformat())
        people.toggle(key="people-open").set_value(True).run()
        of_day = day_told("main", DAY)
        return [texts(open_page(site="main", day=DAY.isoformat())), texts(people), of_day.about, of_day.state]

    before = told()
    changed = SiteConfig(label="Main mall", time_zone="Europe/Berlin", opening_hours=hours)
    Store(mall, clock=mall_clock).sync(config.model_copy(update={"sites": {**config.sites, "main": changed}}))
    assert told() == before
    assert "open 09:00–12:00" in before[2]
