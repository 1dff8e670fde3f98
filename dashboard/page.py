"""What every page begins with: who looks, at which site, through which reader."""

from __future__ import annotations

import streamlit as st

from dashboard.accounts.access import require_person
from dashboard.accounts.person import AccessDeniedError, Person
from dashboard.layout import empty_state, simulated_banner
from dashboard.numbers.reading import Reader, Site, visible_sites

SITE_KEY = "site"


def choose_site(person: Person) -> Site | None:
    """Show the choice of site in the sidebar and return the chosen one, None when there is no site to see.

    The address may name a site (`?site=main`); one that may not be seen is refused, not silently replaced.

    Raises:
        AccessDeniedError: the address names a site that this person may not see or that does not exist.
    """
    sites = {site.name: site for site in visible_sites(person)}
    asked = st.query_params.get(SITE_KEY)
    if asked is not None and asked not in sites:
        raise AccessDeniedError(
            f"You have no access to a site called “{asked}”, or there is none. Choose a page in the menu to see "
            "your own sites, or ask your administrator for access."
        )
    if not sites:
        return None
    if asked is not None and st.session_state.get("asked_site") != asked:
        st.session_state["asked_site"] = st.session_state["site_choice"] = asked
    if st.session_state.get("site_choice") not in sites:
        st.session_state["site_choice"] = next(iter(sites))
    if len(sites) > 1:
        st.sidebar.selectbox(
            "Site", list(sites), key="site_choice", format_func=lambda name: sites[name].label, on_change=_forget_asked
        )
    return sites[st.session_state["site_choice"]]


def open_page(*, banner: bool = True) -> Reader:
    """Return the reader of the signed-in person for the chosen site, below the banner of simulated data.

    Fragments call it again without `banner`. Ends the run with a plain text when there is no site yet.
    """
    person = require_person()
    sites = {site.name: site for site in visible_sites(person)}
    site = sites.get(st.session_state.get("site_choice", ""))
    if site is None:
        empty_state("No site yet", "Describe your mall in footfall.toml and start `footfall run`.")
        st.stop()
    if banner and site.simulated:
        simulated_banner()
    return Reader(person, site)


def _forget_asked() -> None:
    st.query_params.pop(SITE_KEY, None)
