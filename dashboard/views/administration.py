"""Administration: who may sign in, which days need a new report, what was deleted. Administrators only."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard.import_figures import show_import
from dashboard.layout import heading
from dashboard.numbers.reading import Reader
from dashboard.page import open_page
from dashboard.serving.wiring import wired
from db.reading import operation
from db.session import reading
from db.users import accounts


def show() -> None:
    """Show the page."""
    reader = open_page()
    reader.person.require_admin()
    heading("Administration", "Users are added and removed with “footfall users”")
    _show_users(reader)
    show_import(reader)
    _show_reopened(reader)
    _show_deletions(reader)


def _show_users(reader: Reader) -> None:
    known = accounts(wired().engine)
    now, zone = wired().clock(), reader.site.zone
    with st.container(border=True, key="card-users"):
        st.subheader("Users", anchor=False)
        if not known:
            st.caption(
                "Nobody yet: the dashboard answers on this computer only. Add a user with "
                "`footfall users add NAME --role admin`."
            )
            return
        table = pd.DataFrame(
            {
                "Name": [account.name for account in known],
                "Role": [account.role for account in known],
                "Sites": [", ".join(account.sites) or "all" for account in known],
                "Signs in with": ["password" if account.password_hash else "OIDC" for account in known],
                "Locked until": [
                    f"{account.locked_until.astimezone(zone):%d.%m. %H:%M}"
                    if account.locked_until is not None and account.locked_until > now
                    else ""
                    for account in known
                ],
            }
        )
        st.dataframe(table, hide_index=True, width="stretch")


def _show_reopened(reader: Reader) -> None:
    with reading(wired().engine) as connection:
        days = operation.reopened_days(connection, [reader.site.name])
    with st.container(border=True, key="card-reopened"):
        st.subheader("Days whose report no longer holds", anchor=False)
        if days.empty:
            st.caption("None: every written report agrees with the database.")
            return
        st.dataframe(
            days[["day", "reason"]].rename(columns={"day": "Day", "reason": "What changed"}),
            hide_index=True,
            width="stretch",
        )


def _show_deletions(reader: Reader) -> None:
    with reading(wired().engine) as connection:
        rows = operation.deletions(connection)
    rows = rows[rows["site"] == reader.site.name]
    with st.container(border=True, key="card-deletions"):
        st.subheader("Deleted after the retention time", anchor=False)
        if rows.empty:
            st.caption("Nothing was old enough yet.")
            return
        table = rows.assign(
            deleted_at=[f"{one.astimezone(reader.site.zone):%d.%m.%Y %H:%M}" for one in rows["deleted_at"]]
        )
        st.dataframe(
            table[["deleted_at", "table_name", "before_day", "rows"]].rename(
                columns={"deleted_at": "When", "table_name": "Table", "before_day": "Before day", "rows": "Rows"}
            ),
            hide_index=True,
            width="stretch",
        )


if __name__ == "__main__":
    show()
