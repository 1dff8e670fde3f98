"""Finds out who is looking: a session opened with a password, an OIDC provider, or the machine's own user."""

from __future__ import annotations

import json

import streamlit as st

from dashboard.accounts.person import Person
from dashboard.accounts.users import sign_in
from dashboard.serving.server import COOKIE_NAME, SESSION_PATH
from dashboard.serving.wiring import wired
from dashboard.wording import plain
from db.users import Lockout, accounts, find_account

TOKEN_KEY = "session_token"
TICKET_KEY = "session_ticket"
LOCAL_PERSON = Person("this computer", "admin")
REFUSED = (
    "Name or password is wrong, or too many attempts locked the account for a while. "
    "An administrator can help with `footfall users`."
)
# The page trades the ticket for a cookie that scripts cannot read; the address never shows either.
KEEP_SESSION_SCRIPT = "<script>fetch({path}, {{method: 'POST', body: {ticket}, credentials: 'same-origin'}})</script>"


def current_person() -> Person | None:
    """Return who is looking, None when nobody has signed in or the session has expired.

    The account is read every time, so that removing a user or changing a role works at once.
    """
    wiring = wired()
    if wiring.local_only and not accounts(wiring.engine):
        return LOCAL_PERSON
    name = wiring.sessions.user_of(_token()) or _oidc_name()
    account = find_account(wiring.engine, name) if name else None
    return None if account is None else Person(account.name, account.role, account.sites)


def require_person() -> Person:
    """Return who is looking; fragments call it too, because they run without the rest of the page.

    A session that has expired sends the browser back to the sign-in form.
    """
    person = current_person()
    if person is None:
        st.rerun(scope="app")
    return person


def show_sign_in() -> None:
    """Show the form for name and password, and the provider's button where OIDC is set up."""
    _, middle, _ = st.columns([1, 2, 1])
    with middle:
        st.title("Footfall", anchor=False)
        if not accounts(wired().engine):
            st.info("No user is configured. Add one with `footfall users add`.", icon=":material/info:")
            return
        with st.form("sign-in", border=True):
            name = st.text_input("Name", autocomplete="username")
            password = st.text_input("Password", type="password", autocomplete="current-password")
            if st.form_submit_button("Sign in", type="primary", width="stretch"):
                _try(name, password)
        _offer_oidc()


def show_account(person: Person) -> None:
    """Show who is signed in and a button to sign out; hand the browser its cookie after signing in."""
    if ticket := st.session_state.pop(TICKET_KEY, None):
        script = KEEP_SESSION_SCRIPT.format(path=json.dumps(SESSION_PATH), ticket=json.dumps(ticket))
        st.html(script, unsafe_allow_javascript=True)
    if person is LOCAL_PERSON:
        return
    with st.sidebar:
        st.caption(f"Signed in as **{plain(person.name)}** ({person.role})")
        if st.button("Sign out", icon=":material/logout:", key="sign-out"):
            _sign_out()


def _try(name: str, password: str) -> None:
    wiring = wired()
    settings = wiring.config.dashboard
    lockout = Lockout(settings.lockout_failures, settings.lockout_minutes)
    account = sign_in(wiring.engine, name, password, lockout, wiring.clock())
    if account is None:
        st.error(REFUSED, icon=":material/block:")
        return
    token = wiring.sessions.open(account.name)
    st.session_state[TOKEN_KEY] = token
    st.session_state[TICKET_KEY] = wiring.sessions.ticket(token)
    st.rerun()


def _sign_out() -> None:
    wired().sessions.close(_token())
    by_provider = _oidc_name() is not None
    st.session_state.clear()
    if by_provider:
        st.logout()
        st.stop()  # a rerun could drop the order to the browser to fetch the page that takes its cookie away
    st.rerun()


def _token() -> str | None:
    return st.session_state.get(TOKEN_KEY) or st.context.cookies.get(COOKIE_NAME)


def _oidc_is_set_up() -> bool:
    try:
        return "auth" in st.secrets
    except FileNotFoundError:
        return False


def _oidc_name() -> str | None:
    """Return the verified e-mail address that the provider gave; it has to be the name of an account."""
    if not _oidc_is_set_up() or not st.user.is_logged_in or _is_unverified():
        return None
    signed_in_at = st.user.get("iat")
    wiring = wired()
    if (
        isinstance(signed_in_at, int)
        and wiring.clock().timestamp() - signed_in_at > wiring.sessions.lifetime.total_seconds()
    ):
        return None
    email = st.user.get("email")
    return str(email) if email else None


def _is_unverified() -> bool:
    """Return whether the provider says that the address may be somebody else's; some say it in words."""
    return str(st.user.get("email_verified")).lower() == "false"


def _offer_oidc() -> None:
    if not _oidc_is_set_up():
        return
    refused = ""
    if st.user.is_logged_in and _is_unverified():
        refused = (
            f"The provider has not verified that the address {plain(str(st.user.get('email')))} is yours. "
            "Verify it there, then sign in again."
        )
    elif (email := _oidc_name()) is not None:
        refused = f"{plain(email)} may not sign in here. An administrator can add it with `footfall users add`."
    if refused:
        st.error(refused, icon=":material/block:")
        st.button("Use another account", on_click=st.logout, width="stretch")
        return
    st.button("Sign in with your organisation", on_click=st.login, width="stretch")
