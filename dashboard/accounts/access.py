"""Finds out who is looking: a session opened with a password, an OIDC provider, or the machine's own user."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

import streamlit as st

from dashboard.accounts.hashing_queue import BusyError
from dashboard.accounts.person import LOCAL_PERSON, AccessDeniedError, Person
from dashboard.accounts.sessions import Holder
from dashboard.accounts.tokens import account_of, person_of
from dashboard.accounts.users import sign_in
from dashboard.serving.paths import COOKIE_NAME, SESSION_PATH
from dashboard.serving.wiring import address, wired
from dashboard.wording import plain
from db.users import Account, Lockout, accounts, find_account, had_users

TOKEN_KEY = "session_token"
TICKET_KEY = "session_ticket"
REFUSED = (
    "Name or password is wrong, or too many attempts locked the account for a while. "
    "An administrator can help with `footfall users`."
)
NOBODY_YET = "No user is configured. Add one with `footfall users add NAME --role admin`."
ALL_GONE = (
    "The last user was removed, so nobody may sign in. Whoever owns the computer lets people in again with "
    "`footfall users add NAME --role admin`."
)
# The page trades the ticket for a cookie that scripts cannot read; the address never shows either.
KEEP_SESSION_SCRIPT = "<script>fetch({path}, {{method: 'POST', body: {ticket}, credentials: 'same-origin'}})</script>"


def current_person() -> Person | None:
    """Return who is looking, None when nobody has signed in or the session has expired.

    The account is read every time, so that removing a user, changing a role or giving a new password works at once.
    """
    wiring = wired()
    if wiring.door.is_open(wiring.engine):
        return LOCAL_PERSON
    account = account_of(_token()) or _oidc_account()
    return None if account is None else Person(account.name, account.role, account.sites)


def still_may_see(site: str) -> Callable[[], None]:
    """Return what makes sure, whenever it is called, that whoever looks at this page now may still see `site`.

    A download is made when it is clicked, outside a run of the page, and maybe long after the page was shown.
    """
    token = _token()  # whoever came through the provider has one of ours since the page began (`show_account`)

    def check() -> None:
        person = person_of(token)
        if person is None:
            raise AccessDeniedError("You are not signed in any more; open the page again.")
        person.require_site(site)

    return check


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
            st.info(ALL_GONE if had_users(wired().engine) else NOBODY_YET, icon=":material/info:")
            return
        with st.form("sign-in", border=True):
            name = st.text_input("Name", autocomplete="username")
            password = st.text_input("Password", type="password", autocomplete="current-password")
            if st.form_submit_button("Sign in", type="primary", width="stretch"):
                _try(name, password)
        _offer_oidc()


def show_account(person: Person) -> None:
    """Show who is signed in and a button to sign out; hand the browser its cookie after signing in."""
    if person is not LOCAL_PERSON:
        _keep_oidc_session()
    if ticket := st.session_state.pop(TICKET_KEY, None):
        script = KEEP_SESSION_SCRIPT.format(path=json.dumps(address(SESSION_PATH)), ticket=json.dumps(ticket))
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
    try:
        account = sign_in(wiring.engine, name, password, lockout, wiring.clock())
    except BusyError as busy:
        st.error(str(busy), icon=":material/hourglass_top:")
        return
    if account is None:
        st.error(REFUSED, icon=":material/block:")
        return
    token = wiring.sessions.open(Holder(account.name, account.credential))
    st.session_state[TOKEN_KEY] = token
    st.session_state[TICKET_KEY] = wiring.sessions.ticket(token)
    st.rerun()


def _keep_oidc_session() -> None:
    """Give whoever signed in at the provider a session of ours, until that sign-in ends: other pages know it only."""
    wiring = wired()
    account, moment = _oidc_account(), _oidc_moment()
    if account is None or moment is None or account_of(_token()) is not None:
        return
    left = timedelta(seconds=moment - wiring.clock().timestamp()) + wiring.sessions.lifetime
    token = wiring.sessions.open(Holder(account.name, account.credential), left)
    st.session_state[TOKEN_KEY] = token
    st.session_state[TICKET_KEY] = wiring.sessions.ticket(token)


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
    """Return the verified e-mail address that the provider gave, None without one or when that was too long ago."""
    if not _oidc_is_set_up() or not st.user.is_logged_in or _is_unverified():
        return None
    signed_in_at = _oidc_moment()
    wiring = wired()
    if signed_in_at is None or wiring.clock().timestamp() - signed_in_at > wiring.sessions.lifetime.total_seconds():
        return None
    email = st.user.get("email")
    return str(email) if email else None


def _oidc_moment() -> float | None:
    """Return when the provider signed this person in, in seconds since 1970; every ID token has to say it."""
    moment = st.user.get("iat")
    return float(moment) if isinstance(moment, int | float) else None


def _oidc_account() -> Account | None:
    """Return the account that the provider's address opens: one added with --oidc, before this sign-in.

    An account with a password belongs to whoever knows it, not to whoever has that address at the provider; a name that
    was removed and added again is not opened by the sign-in of before.
    """
    name, moment = _oidc_name(), _oidc_moment()
    account = find_account(wired().engine, name) if name else None
    if account is None or account.password_hash is not None or account.created_at is None or moment is None:
        return None
    return account if moment >= int(account.created_at.timestamp()) else None


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
        refused = (
            f"{plain(email)} may not sign in here through the organisation. An administrator can add it with "
            "`footfall users add --oidc`; if that was done just now, sign in again."
        )
    if refused:
        st.error(refused, icon=":material/block:")
        st.button("Use another account", on_click=st.logout, width="stretch")
        return
    st.button("Sign in with your organisation", on_click=st.login, width="stretch")
