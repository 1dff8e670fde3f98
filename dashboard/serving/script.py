"""The script that Streamlit runs: signs in, offers the pages, runs the chosen one."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from dashboard.accounts.access import current_person, show_account, show_sign_in
from dashboard.accounts.person import AccessDeniedError
from dashboard.layout import page_style
from dashboard.menu import OVERVIEW, asked_for_nothing, first_page, hidden_pages, note_asked
from dashboard.page import choose_site
from dashboard.wording import plain

VIEWS = Path(__file__).parents[1] / "views"
PAGES = (
    ("all_sites.py", "All sites", "all-sites", ":material/apartment:"),
    ("overview.py", "Overview", "overview", ":material/monitoring:"),
    ("demographics.py", "Demographics", "demographics", ":material/groups:"),
    ("trends.py", "Trends", "trends", ":material/trending_up:"),
    ("sales.py", "Sales", "sales", ":material/point_of_sale:"),
    ("cameras.py", "Cameras", "cameras", ":material/videocam:"),
    ("reports.py", "Reports", "reports", ":material/description:"),
    ("audits.py", "Audits", "audits", ":material/touch_app:"),
    ("glossary.py", "Glossary", "glossary", ":material/menu_book:"),
    ("administration.py", "Administration", "administration", ":material/build:"),
)
GLOSSARY = "glossary"


def main() -> None:
    """Show the chosen page to whoever may see it, the sign-in form to everybody else."""
    st.set_page_config(page_title="Footfall", page_icon="🚶", layout="wide")
    page_style()
    person = current_person()
    if person is None:
        # Under every address, so that the page that was asked for opens after signing in.
        forms = [
            st.Page(show_sign_in, title=title, url_path=address, default=address == OVERVIEW)
            for _, title, address, _ in PAGES
        ]
        form = st.navigation(forms, position="hidden")
        note_asked(form.url_path)
        form.run()
        return
    first, hidden = first_page(person), hidden_pages(person)
    offered = {
        address: st.Page(
            VIEWS / file,
            title=title,
            url_path=address,
            icon=icon,
            default=address == first,
            visibility="hidden" if address in hidden else "visible",
        )
        for file, title, address, icon in PAGES
    }
    chosen = st.navigation(list(offered.values()))
    if asked_for_nothing() and first != OVERVIEW:
        st.switch_page(offered[first])
    try:
        choose_site(person)
        show_account(person)
        chosen.run()
        if chosen is not offered[GLOSSARY]:
            st.page_link(offered[GLOSSARY], label="What the words mean", icon=":material/menu_book:")
    except AccessDeniedError as denied:
        st.error(plain(str(denied)), icon=":material/block:")


main()
