"""Which pages the menu offers to whom, and which one opens first."""

from __future__ import annotations

from urllib.parse import urlsplit

import streamlit as st
from sqlalchemy import Connection

from dashboard.accounts.person import Person
from dashboard.numbers.ground import ground
from db.reading.figures import has_figures
from db.reading.operation import time_zones
from db.session import reading

ADMIN_PAGES = frozenset({"administration"})
ALL_SITES, OVERVIEW, SALES = "all-sites", "overview", "sales"
FIRST_KEY, ASKED_KEY = "first_page", "asked_page"


def first_page(person: Person) -> str:
    """Return the address of the page that opens without one: all sites for whoever sees several.

    An address that names a site or a day is about one site. Decided once a session, so that a page keeps its address.
    """
    if FIRST_KEY not in st.session_state:
        asked = {"site", "day"} & set(st.query_params)
        first, other = (ALL_SITES, OVERVIEW) if sees_several(person) and not asked else (OVERVIEW, ALL_SITES)
        st.session_state[FIRST_KEY] = other if _is_named(first) else first
    return str(st.session_state[FIRST_KEY])


def _is_named(address: str) -> bool:
    """Return whether the browser asks for that page; the page that opens first has no address of its own."""
    return urlsplit(st.context.url or "").path.rstrip("/").endswith(f"/{address}")


def note_asked(address: str) -> None:
    """Keep what the browser asked for while it shows the form to sign in; empty is no page in particular."""
    st.session_state[ASKED_KEY] = address


def asked_for_nothing() -> bool:
    """Return, once after signing in, whether the browser had asked for no page in particular."""
    return bool(st.session_state.pop(ASKED_KEY, None) == "")


def hidden_pages(person: Person) -> set[str]:
    """Return the addresses of pages that the menu leaves out: nothing to see there, or not for this person."""
    hidden = set() if person.is_admin else set(ADMIN_PAGES)
    with reading(ground().engine) as connection:
        sites = _sites_of(connection, person)
        if len(sites) < 2:
            hidden.add(ALL_SITES)
        if not has_figures(connection, sites):
            hidden.add(SALES)
    return hidden


def sees_several(person: Person) -> bool:
    """Return whether there are several sites that `person` may see."""
    with reading(ground().engine) as connection:
        return len(_sites_of(connection, person)) > 1


def _sites_of(connection: Connection, person: Person) -> list[str]:
    return [site for site in time_zones(connection) if person.may_see(site)]
