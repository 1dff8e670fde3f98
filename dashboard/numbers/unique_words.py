"""Unique visitors in plain sentences: how many, how sure, and why not; pure functions."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from analytics.unique import LEAST_STAYS, Stays
from analytics.unique_days import NotTold, UniqueDay
from dashboard.numbers.unique_groups import GroupUnique
from dashboard.wording import count, duration, listing
from reid.types import ReidMode

NOT_COMPARED = "How many unique visitors came in is not told: visits of this day were not compared with each other."
OFF = (
    "How many unique visitors came in is not told: visits are not compared with each other "
    '(mode = "off" under [reid] in footfall.toml).'
)
WHY_NOT = {
    NotTold.NOBODY: "Unique visitors are not told yet: nobody who came in was compared so far.",
    NotTold.TOO_UNSURE: "How many unique visitors came in is not told: the comparison is too unsure for a number.",
}


def unique_sentence(day: UniqueDay) -> str:
    """Return how many different people those who came in were, empty where that is not told."""
    if day.unique is None:
        return ""
    people = "1 unique visitor" if day.unique == 1 else f"{count(day.unique)} unique visitors"
    entries = "1 entry" if day.told == 1 else f"{count(day.told)} entries"
    if day.low is None or day.high is None:
        return f"They were {people}, in {entries}; how sure that is cannot be told, because visits changed since."
    return f"They were {people}, between {count(day.low)} and {count(day.high)}, in {entries}."


def unique_notes(day: UniqueDay, mode: str, zone: ZoneInfo) -> list[str]:
    """Return what to know about the number of a day, or why there is none; `mode` is that of the settings now."""
    if day.not_told is NotTold.NOT_COMPARED:
        return [OFF if mode == ReidMode.OFF.value else NOT_COMPARED]
    notes = [WHY_NOT[day.not_told]] if day.not_told else []
    if day.told < day.arrivals:
        notes.append(f"{count(day.told)} of {count(day.arrivals)} entries were compared.")
    if day.staff:
        entries = "1 entry was" if day.staff == 1 else f"{count(day.staff)} entries were"
        notes.append(f"{entries} of staff, who are no visitors.")
    if day.not_shared:
        entries = "1 entry was" if day.not_shared == 1 else f"{count(day.not_shared)} entries were"
        notes.append(
            f"{entries} compared on one machine alone, because the machines could not share; who came at several of "
            "them is estimated, and the range is wider."
        )
    apart = [part for part in day.parts if part.not_shared is None]
    if len(apart) > 1 or (apart and len(apart) < len(day.parts)):
        starts = listing([f"{start.astimezone(zone):%H:%M}" for start in sorted(part.began_at for part in day.parts)])
        notes.append(
            f"The comparison began {len(day.parts)} times ({starts}); who came in several of these parts is estimated, "
            "and the range is wider."
        )
    return notes


def unique_groups_note(unique: GroupUnique) -> str:
    """Return what the groups of unique visitors add up to, and on how many days they rest."""
    note = f"{count(unique.total)} unique visitors, everybody counted once a day"
    if unique.days < unique.visited_days:
        note += f", on the {unique.days} of {unique.visited_days} days that are told"
    if unique.by_group["hidden"].any():
        note += "; cameras with hidden counts tell no groups"
    return note + "."


def stays_sentence(stays: Stays) -> str:
    """Return how long people stayed, and on how many that rests, or why it is not told."""
    if stays.median_minutes is None:
        return (
            f"Not told: {count(stays.number)} people were seen coming and leaving again, fewer than {LEAST_STAYS:.0f}."
        )
    return (
        f"Half of the {count(stays.number)} people who were seen coming and leaving again stayed less than "
        f"{duration(60 * stays.median_minutes)}."
    )
