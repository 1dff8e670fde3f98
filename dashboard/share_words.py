"""Corrected shares in plain sentences; pure functions."""

from __future__ import annotations

from analytics.coverage import Difference
from analytics.shares import Shares
from dashboard.numbers.shares import MATTERS, SURE, RangeShares, ToldShares
from dashboard.wording import count, listing

FEMALE = "female"
DIFFERS = {"hour": "over the hours", "entrance": "over the entrances"}


def about(shares: Shares, place: int, what: str) -> str:
    """Return like "about 54% women, 50 to 58%"."""
    estimate, low, high = (100 * float(numbers[place]) for numbers in (shares.estimate, shares.low, shares.high))
    return f"about {estimate:.0f}% {what}, {low:.0f} to {high:.0f}%"


def gender_sentence(gender: ToldShares | None) -> str:
    """Return how many were women, or that there are too few to say; empty where nobody was judged."""
    if gender is None:
        return ""
    place = gender.fine.groups.index(FEMALE)
    if not gender.fine.told[place]:
        return "Too few could be judged to say how many were women."
    return f"{about(gender.fine, place, 'women').capitalize()}."


def age_sentence(age: ToldShares | None) -> str:
    """Return the largest age group, or the coarser groups that can be told."""
    if age is None:
        return ""
    if age.fine.told.all():
        place = int(age.fine.estimate.argmax())
        return f"The largest age group is {age.fine.groups[place]}: {about(age.fine, place, 'of those judged')}."
    shares = age.coarse
    if shares is None or not shares.told.any():
        return "Too few could be judged to say how old they were."
    parts = [about(shares, place, f"aged {name}") for place, name in enumerate(shares.groups) if shares.told[place]]
    return f"Too few to say for every age group; together: {'; '.join(parts)}."


def coverage_sentence(shares: ToldShares | None) -> str:
    """Return how many could be judged: the others are in none of the shares."""
    if shares is None or not shares.visits:
        return ""
    share = 100 * shares.judged / shares.visits
    return f"Of {count(shares.visits)} visits {share:.0f}% could be judged; the others are in none of these shares."


def notes(shares: RangeShares, days: int) -> list[str]:
    """Return what limits the shares of a range with visits on `days` days."""
    known = [one for one in (shares.gender, shares.age) if one is not None]
    if not known:
        return []
    found = []
    differs = sorted({name for one in known for name in one.differs})
    if differs:
        where = listing([DIFFERS[name] for name in differs])
        found.append(f"Those who could be judged are spread otherwise {where} than the others, who may differ.")
    if shares.age is not None and shares.age.taps:
        audits, taps = len(shares.age.taps), sum(shares.age.taps.values())
        number = "1 audit" if audits == 1 else f"{count(audits)} audits"
        found.append(f"Ages are corrected with {number}, {count(taps)} tap{'' if taps == 1 else 's'}.")
    left_out = max(one.left_out for one in known)
    if left_out:
        found.append(f"{count(left_out)} visits of hidden counts are left out; the limits cover whatever they are.")
    missing = days - max(one.days for one in known)
    if missing > 0:
        found.append(f"On {missing} of {days} days nothing can be estimated (yet); the shares are of the others.")
    return found


def spread_sentence(shares: ToldShares | None) -> str:
    """Return what the limits mean when the unknown are counted in."""
    unknown = 0 if shares is None else shares.visits - shares.judged
    if not unknown:
        return ""
    return (
        f"The {count(unknown)} visits that could not be judged are counted as if they were like the others; the limits "
        "cover whatever they are."
    )


def difference_sentence(found: Difference | None, what: str) -> str:
    """Return whether those who could be judged are spread over `what` as the others are."""
    if found is None:
        return ""
    sure, matters = found.p_value < SURE, found.cramers_v >= MATTERS
    words = "otherwise than" if sure and matters else "nearly as" if sure else "as"
    size = "p < 0.001" if found.p_value < 0.001 else f"p = {found.p_value:.3f}"
    return (
        f"Those who could be judged are spread over {what} {words} the others "
        f"(chi-square test, {size}; Cramér's V {found.cramers_v:.2f})."
    )
