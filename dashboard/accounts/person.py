"""Who looks at the pages, and what they may see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from footfall.errors import FootfallError

Role = Literal["viewer", "auditor", "admin"]


class AccessDeniedError(FootfallError):
    """The signed-in person may not see or do this; the message says whom to ask."""


@dataclass(frozen=True, slots=True)
class Person:
    """A signed-in person; `sites` empty means every site."""

    name: str
    role: Role
    sites: tuple[str, ...] = ()

    @property
    def is_admin(self) -> bool:
        """Whether this person may run reports again and edit events."""
        return self.role == "admin"

    @property
    def may_audit(self) -> bool:
        """Whether this person may count by hand at the sites that may be seen."""
        return self.role in ("auditor", "admin")

    def may_see(self, site: str) -> bool:
        """Return whether the numbers of `site` are this person's to see."""
        return not self.sites or site in self.sites

    def require_site(self, site: str) -> None:
        """Raise AccessDeniedError unless `site` may be seen; says the same of sites that do not exist."""
        if not self.may_see(site):
            raise AccessDeniedError(
                f"You have no access to a site called “{site}”. Ask your administrator, who can run "
                "“footfall users add” with it."
            )

    def require_admin(self) -> None:
        """Raise AccessDeniedError unless this person is an administrator."""
        if not self.is_admin:
            raise AccessDeniedError("Only an administrator may do this. Ask yours to do it or to change your role.")


LOCAL_PERSON = Person("this computer", "admin")
"""Whoever sits at this computer while there never was a user."""
