"""Whether the dashboard lets somebody in without signing in."""

from __future__ import annotations

from sqlalchemy import Engine

from db.users import had_users


class Door:
    """Open to whoever sits at this computer while there never was a user; once shut, it stays shut.

    The first user shuts it. Neither removing the last user nor a database that lost them while the dashboard runs opens
    it again.
    """

    def __init__(self, *, open_at_start: bool) -> None:
        self._open = open_at_start

    @property
    def is_shut(self) -> bool:
        """Whether it was found shut before; asks no database."""
        return not self._open

    def is_open(self, engine: Engine) -> bool:
        """Return whether nobody has to sign in, and shut the door for good when a user was ever added."""
        if self._open and had_users(engine):
            self._open = False
        return self._open
