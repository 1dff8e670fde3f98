"""The page of cameras on counting lines: one that hardly anybody crosses, and who may move it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from sqlalchemy import Engine

from dashboard.accounts.users import add_user
from dashboard.numbers.kept import forget_kept
from db.store import Store
from footfall.config import Config
from footfall.types import Direction, Gender, Visit
from tests.conftest import FakeClock
from tests.mall import DAY, NOW
from tests.unit.dashboard.accounts.test_access import PASSWORD, sign_in_form
from tests.unit.dashboard.conftest import OpenPage, texts

BEFORE_OPENING = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
NOT_CROSSED = 47


def test_a_line_that_hardly_anybody_crosses_is_said_and_an_administrator_may_move_it(
    open_page: OpenPage, mall: Engine, config: Config
) -> None:
    south = config.cameras["south"].model_copy(update={"line": ((0.0, 0.9), (1.0, 0.9))})
    lined = config.model_copy(update={"cameras": {**config.cameras, "south": south}})
    store = Store(mall, FakeClock(BEFORE_OPENING))
    store.sync(lined)
    moments = [BEFORE_OPENING + timedelta(hours=3, seconds=20 * number) for number in range(NOT_CROSSED)]
    rest = (Direction.NONE, Gender.UNKNOWN, "unknown", None, None, 3, 0.8, "test")
    store.save_visits([Visit(uuid4(), "south", at, at + timedelta(seconds=3), *rest) for at in moments])
    forget_kept()
    app = open_page("cameras", site="main", day=DAY.isoformat())
    assert not app.exception
    said = texts(app).replace("\\", "")
    assert "South: of 60 people seen in 7 days 47 never crossed the counting line" in said
    assert "Set up line and areas" in [one.proto.label for one in app.get("link_button")]
    add_user(mall, "vera", PASSWORD, "viewer", ["main"], NOW)
    app = sign_in_form(open_page(), "vera", PASSWORD)
    app.switch_page("../views/cameras.py").run()
    assert "never crossed the counting line" in texts(app)
    assert not app.get("link_button")
