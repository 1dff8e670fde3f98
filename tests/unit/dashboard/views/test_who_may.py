"""What a page leaves behind obeys who may see what at the moment of the click."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, update
from streamlit.runtime.media_file_manager import MediaFileManager
from streamlit.testing.v1 import AppTest

from dashboard.accounts.person import AccessDeniedError
from dashboard.accounts.users import add_user
from db.models import BoxRow
from db.reading.operation import reports
from db.reading.selection import Selection
from db.session import reading, writing
from db.users import remove_account
from tests.mall import NOW
from tests.unit.dashboard.accounts.test_access import PASSWORD, sign_in_form
from tests.unit.dashboard.views.test_sales import put


@pytest.fixture
def people(mall: Engine) -> Engine:
    """The mall with two administrators and a viewer of one site."""
    add_user(mall, "ada", PASSWORD, "admin", [], NOW)
    add_user(mall, "bob", PASSWORD, "admin", [], NOW)
    add_user(mall, "vera", PASSWORD, "viewer", ["main"], NOW)
    return mall


@pytest.mark.parametrize("page", ["reports", "sales"])
def test_a_download_of_somebody_who_was_removed_gives_nothing(
    people: Engine, open_page: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch, page: str
) -> None:
    offered: list[Callable[[], Any]] = []
    really = MediaFileManager.add_deferred

    def add_deferred(self: MediaFileManager, content: Callable[[], Any], *more: Any, **options: Any) -> Any:
        offered.append(content)
        return really(self, content, *more, **options)

    monkeypatch.setattr(MediaFileManager, "add_deferred", add_deferred)
    put(people)
    app = sign_in_form(open_page(), "vera", PASSWORD)
    app.switch_page(f"../views/{page}.py").run()
    assert offered and all(content() for content in offered)
    remove_account(people, "vera")
    for content in offered:
        with pytest.raises(AccessDeniedError, match="not signed in any more"):
            content()


def test_an_administrator_who_was_removed_writes_no_report(people: Engine, open_page: Callable[..., AppTest]) -> None:
    app = sign_in_form(open_page(), "bob", PASSWORD)
    app = app.switch_page("../views/reports.py").run()
    remove_account(people, "bob")
    next(button for button in app.button if button.key == "write-again").click().run()
    with reading(people) as connection:
        assert reports(connection, Selection(date(2026, 2, 1), date(2026, 3, 9))).empty


def test_a_silent_machine_names_no_camera_of_a_site_that_is_not_his(
    people: Engine, open_page: Callable[..., AppTest]
) -> None:
    with writing(people) as connection:
        connection.execute(update(BoxRow).values(heard_at=NOW - timedelta(hours=1)))
    app = sign_in_form(open_page(), "vera", PASSWORD)
    app = app.switch_page("../views/cameras.py").run()
    told = " ".join(str(warning.value) for warning in app.warning).replace("\\", "")
    assert "was heard of last" in told and "north" in told
    assert "annex" not in told
