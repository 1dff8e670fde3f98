"""The words that pages, reports and messages share, each with its one meaning; docs/glossary.md says the same."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Term:
    """A word, other names for it, and what it means, in plain text."""

    name: str
    meaning: str
    also: str = ""


TERMS = (
    Term(
        "came in",
        "How many times somebody came in: whoever crossed a counting line inwards. Of a camera that saw nobody cross a "
        "line on that day (it has none), everybody it saw, those going out among them; pages say so and name the "
        "entrance. This is the number that everything leads with.",
        "footfall, entries",
    ),
    Term(
        "went out", "Whoever crossed a counting line outwards. Never part of the footfall where there is a line.", "out"
    ),
    Term(
        "direction not seen",
        "Seen by a camera without crossing its line either way: who turned round, stood, or was lost from view.",
        "unseen",
    ),
    Term(
        "passage",
        "One person once in view of a camera, whichever way: in, out or direction not seen. Reports call it visits.",
        "visit",
    ),
    Term(
        "unique visitor",
        "Somebody who came in, counted once a day however often, in the hour, at the entrance and in the group of the "
        "first arrival; staff are left out. An estimate with a range that holds the true number on 19 days of 20.",
    ),
    Term(
        "staff",
        "Who passes too often in a day for a visitor, comes in outside the opening hours by more than a quarter of an "
        "hour, or is likely one who did. Never among the unique visitors; in the other counts unless the settings "
        "leave them out.",
    ),
    Term(
        "observed",
        "The share of the opening time during which the cameras really watched. Below 100% more people came than were "
        "counted.",
    ),
    Term("complete", "At least 99% of the opening time was observed, or the site was closed."),
    Term(
        "gap",
        "A time within the opening hours in which a camera did not watch. Drawn yellow, never a sign that nobody came.",
    ),
    Term(
        "unknown",
        "Gender or age group could not be judged: the face was small, turned away or dark. Never guessed, never spread "
        "over the other groups.",
    ),
    Term("coverage", "How many of the passages could be judged, as a share; the others are in none of the shares."),
    Term(
        "estimate",
        "A number with the limits of its 95% interval: corrected shares of gender and age, unique visitors, and how "
        "many came by audits. Where the limits lie too far apart it is too few to say, and no number is told.",
        "about, between",
    ),
    Term(
        "hidden",
        "A count that is so small that it could point at single people, and others with it so that nobody can compute "
        "it. Totals stay complete.",
    ),
    Term(
        "too little observed",
        "A change in per cent is told only where enough of the opening time was observed on both sides and, of a "
        "range, where enough of its open days can be compared. Else these words stand in its place.",
    ),
)
_BY_NAME = {term.name: term.meaning for term in TERMS}


def meaning(name: str) -> str:
    """Return what the word means.

    Raises:
        KeyError: no such word.
    """
    return _BY_NAME[name]
