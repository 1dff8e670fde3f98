"""What every question has in common: in whose name it is asked, about which site, entrances and days."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated

from fastapi import Depends, Path, Query, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from api.guard import Guard
from api.problems import ProblemError
from dashboard.accounts.person import Person
from dashboard.numbers.reading import Reader, visible_sites

USUAL_DAYS = 28
EARLIEST, LATEST = date(2000, 1, 1), date(2200, 1, 1)
NO_SITE = "There is no such site for you; /v1/sites lists yours."
bearer = HTTPBearer(auto_error=False, description="A token of `footfall users token NAME`.")


def asking_person(
    request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Security(bearer)]
) -> Person:
    """Return in whose name the request asks."""
    guard: Guard = request.app.state.guard
    address = request.client.host if request.client is not None else ""
    return guard.person(None if credentials is None else credentials.credentials, address)


PersonAsking = Annotated[Person, Depends(asking_person)]


def asked_site(person: PersonAsking, site: Annotated[str, Path(max_length=63)]) -> Reader:
    """Return what answers about the site of the path."""
    found = [one for one in visible_sites(person) if one.name == site]
    if not found:
        raise ProblemError(404, NO_SITE)
    return Reader(person, found[0])


SiteReader = Annotated[Reader, Depends(asked_site)]


def asked_entrances(
    reader: SiteReader,
    entrance: Annotated[list[str] | None, Query(max_length=50, description="Only these entrances; repeat it.")] = None,
) -> Reader:
    """Return what answers about the entrances that are asked for, or all."""
    if entrance is None:
        return reader
    known = entrances_of(reader)
    if unknown := [name for name in entrance if name not in known]:
        raise ProblemError(422, f"entrance: this site has no {unknown[0][:200]!r}; /v1/sites lists its entrances.")
    return Reader(reader.person, reader.site, tuple(sorted(set(entrance))))


EntranceReader = Annotated[Reader, Depends(asked_entrances)]


def entrances_of(reader: Reader) -> list[str]:
    """Return the names of a site's entrances."""
    return sorted({str(name) for name in reader.cameras()["entrance"]})


@dataclass(frozen=True, slots=True)
class AskedDays:
    """Local days, both included, as they were asked for, and the last one that is no day of the future."""

    first_day: date
    last_day: date
    until: date

    def days(self, start: date | None = None) -> Iterator[date]:
        """Give the days up to `until`, from `start` on when it is later than the first."""
        first = max(self.first_day, start or date.min)
        return (first + timedelta(days=number) for number in range((self.until - first).days + 1))

    def question(self, kind: str, reader: Reader) -> Sequence[str]:
        """Return what a cursor of the list `kind` belongs to."""
        names = reader.entrances or ()
        return (kind, reader.site.name, *names, self.first_day.isoformat(), self.last_day.isoformat())

    def at_most(self, number: int) -> None:
        """Raise ProblemError when there are more days than `number`."""
        if (self.last_day - self.first_day).days >= number:
            raise ProblemError(422, f"from, to: ask for at most {number} days at once.")


def asked_days(
    reader: SiteReader,
    first: Annotated[date | None, Query(alias="from", description="First local day; default: four weeks.")] = None,
    last: Annotated[date | None, Query(alias="to", description="Last local day; default: today.")] = None,
) -> AskedDays:
    """Return the days that are asked for."""
    today = reader.site.today()
    last = last or max(today, first or today)
    first = first or max(EARLIEST, last - timedelta(days=min(USUAL_DAYS - 1, last.toordinal() - 1)))
    if min(first, last) < EARLIEST:
        raise ProblemError(422, f"from, to: there is nothing before {EARLIEST}.")
    if max(first, last) > LATEST:
        raise ProblemError(422, f"from, to: there is nothing after {LATEST}.")
    if first > last:
        raise ProblemError(422, f"from, to: {first} comes after {last}.")
    return AskedDays(first, last, min(last, today))


DaysAsked = Annotated[AskedDays, Depends(asked_days)]
CursorAsked = Annotated[str | None, Query(max_length=300, description="The `next` of the answer before.")]
