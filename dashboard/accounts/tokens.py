"""Whose session a token is, for pages and for what the server answers beside them."""

from __future__ import annotations

from dashboard.accounts.person import LOCAL_PERSON, Person
from dashboard.serving.wiring import wired
from db.users import Account, find_account


def account_of(token: str | None) -> Account | None:
    """Return the account whose password opened the session, None when that is no longer its password."""
    holder = wired().sessions.holder_of(token)
    account = None if holder is None else find_account(wired().engine, holder.name)
    return account if account is not None and holder is not None and account.credential == holder.credential else None


def person_of(token: str | None) -> Person | None:
    """Return who sent a request with this token, None when nobody has signed in or the session has expired."""
    if wired().door.is_open(wired().engine):
        return LOCAL_PERSON
    account = account_of(token)
    return None if account is None else Person(account.name, account.role, account.sites)
