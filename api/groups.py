"""Who came: labels counted, with small counts hidden as on the page, and corrected shares with their intervals."""

from __future__ import annotations

from fastapi import APIRouter

from analytics.shares import Shares
from api.answers import GroupAnswer, GroupsAnswer, ShareAnswer, SharesAnswer
from api.asking import DaysAsked, EntranceReader
from dashboard.numbers.groups import DayFilter, group_visits
from dashboard.numbers.shares import ToldShares, range_shares

MOST_DAYS = 366
EVERY_WEEKDAY = frozenset(range(7))

router = APIRouter(tags=["numbers"])


@router.get("/v1/sites/{site}/groups", summary="Gender and age")
def groups(reader: EntranceReader, asked: DaysAsked) -> GroupsAnswer:
    """Return gender and age of the visits of these days together, of 366 at most; for one day ask for it alone."""
    asked.at_most(MOST_DAYS)
    chosen = DayFilter(asked.first_day, asked.last_day, EVERY_WEEKDAY, open_only=False)
    counted = group_visits(reader, chosen, with_hours=False)
    shares = range_shares(reader, list(asked.days()))
    return GroupsAnswer(
        first_day=asked.first_day,
        last_day=asked.last_day,
        visits=counted.total,
        days_with_visits=counted.days,
        counted=[
            GroupAnswer(
                gender=row["gender"],
                age_group=row["age_group"],
                visits=None if row["hidden"] else int(row["visits"]),
                at_least=int(row["visits"]),
            )
            for row in counted.by_group.to_dict("records")
        ],
        gender=_told(shares.gender),
        age=_told(shares.age),
    )


def _told(shares: ToldShares | None) -> SharesAnswer | None:
    if shares is None:
        return None
    return SharesAnswer(
        judged=shares.judged,
        visits=shares.visits,
        left_out=shares.left_out,
        days=shares.days,
        shares=_shares(shares.fine),
        coarser=[] if shares.coarse is None else _shares(shares.coarse),
    )


def _shares(shares: Shares) -> list[ShareAnswer]:
    rows = zip(shares.groups, shares.estimate, shares.low, shares.high, shares.told, strict=True)
    return [
        ShareAnswer(group=group, share=_number(share, told), low=_number(low, told), high=_number(high, told))
        for group, share, low, high, told in rows
    ]


def _number(value: float, told: bool) -> float | None:
    return min(1.0, max(0.0, round(float(value), 4))) if told else None
