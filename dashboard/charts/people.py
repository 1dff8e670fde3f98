"""Who came: age pyramid, hour by age heat map, shares and their change."""

from __future__ import annotations

import altair as alt
import pandas as pd

from analytics.age_groups import age_group_start
from dashboard.charts.style import BAR_RADIUS, GAP_BELOW, GAP_LABEL, AnyChart, colours, finish, legend
from dashboard.theme import FEMALE, GENDER_COLOURS, MALE, UNKNOWN, VISITS, Ink

GENDER_NAMES = {"female": "Female", "male": "Male", "unknown": "Unknown"}
ROW_HEIGHT = 30
NOT_JUDGED = "Gender not judged"


def shown_counts(rows: pd.DataFrame) -> list[str]:
    """Return the counts as text: "hidden" or "≥ 12" where small counts may not be shown."""
    return [
        f"{visits:,}" if not hidden else ("hidden" if visits == 0 else f"≥ {visits:,}")
        for visits, hidden in zip(rows["visits"], rows["hidden"], strict=True)
    ]


def pyramid_chart(
    people: pd.DataFrame, groups: list[str], ink: Ink, counted: str = "Visits", gender_from_years: int = 0
) -> AnyChart:
    """Return the age pyramid: women to the left, men to the right, between them those whose gender is not known.

    Children, whose gender nobody judges, are one bar across, with their number.

    Args:
        people: `age_group`, `gender` ("female", "male", "unknown"), `visits` (what may be shown), `hidden`
            (whether some of it may not).
        groups: age groups from young to old, "unknown" last.
        ink: colours that depend on the background.
        counted: what the counts are, for the axis.
        gender_from_years: the age from which gender is judged.
    """
    shown = _segments(people, gender_from_years)
    most = max(1.0, float(shown[["start", "end"]].abs().max().max()) if len(shown) else 1.0) * 1.3
    names = ["Female", "Male", NOT_JUDGED]
    base = alt.Chart(shown).encode(
        y=_groups_axis(groups),
        tooltip=[
            alt.Tooltip("age_group:N", title="Age"),
            alt.Tooltip("name:N", title="Gender"),
            alt.Tooltip("text:N", title=counted),
        ],
    )
    bars = base.mark_bar().encode(
        x=alt.X(
            "start:Q",
            title=counted,
            scale=alt.Scale(domain=[-most, most], nice=False),
            axis=alt.Axis(labels=False, ticks=False, grid=False),
        ),
        x2="end:Q",
        color=alt.Color("name:N", sort=names, scale=colours(names, [FEMALE, MALE, UNKNOWN]), legend=legend(columns=2)),
    )
    said = base.transform_filter("datum.label != ''")
    left = said.transform_filter("datum.gender == 'female'").mark_text(align="right", dx=-5, fontSize=11)
    right = said.transform_filter("datum.gender != 'female'").mark_text(align="left", dx=5, fontSize=11)
    labels = [
        text.encode(x=alt.X(f"{edge}:Q"), text="label:N", color=alt.value(ink.text))
        for text, edge in ((left, "start"), (right, "end"))
    ]
    return finish(alt.layer(bars, *labels), 90 + ROW_HEIGHT * len(groups))


def _segments(people: pd.DataFrame, gender_from_years: int) -> pd.DataFrame:
    """Return age_group, gender, name, text, start, end and label: the parts of each bar from left to right."""
    rows = []
    texts = people.assign(text=shown_counts(people))
    for age, group in texts.groupby("age_group", sort=False):
        known = {str(row["gender"]): row for row in group.to_dict("records")}
        counts = {name: float(known[name]["visits"]) if name in known else 0.0 for name in GENDER_NAMES}
        women_or_men = any(
            name in known and (known[name]["visits"] or known[name]["hidden"]) for name in ("female", "male")
        )
        half = counts["unknown"] / 2
        edges = {
            "female": (-half - counts["female"], -half),
            "unknown": (-half, half),
            "male": (half, half + counts["male"]),
        }
        child = age != "unknown" and age_group_start(str(age)) < gender_from_years
        for name, (start, end) in edges.items():
            if name not in known:
                continue
            text = str(known[name]["text"])
            label = text if women_or_men else ""
            if name == "unknown":
                label = "" if women_or_men else f"{text} children" if child else text
            title = NOT_JUDGED if name == "unknown" else GENDER_NAMES[name]
            rows.append((age, name, title, text, start, end, label))
    return pd.DataFrame(rows, columns=["age_group", "gender", "name", "text", "start", "end", "label"])


def group_hours_chart(cells: pd.DataFrame, groups: list[str], hours: list[str], zone: str, ink: Ink) -> AnyChart:
    """Return a heat map of age group by hour of the day.

    Args:
        cells: `age_group`, `hour` ("09:00"), `visits` (what may be shown), `hidden`, `observed` (share in [0, 1]
            or NaN).
        groups: age groups from young to old, "unknown" last.
        hours: the hours in order.
        zone: time zone shown on the axis.
        ink: colours that depend on the background.
    """
    shown = cells.assign(
        text=shown_counts(cells),
        gap=GAP_LABEL,
    )
    base = alt.Chart(shown).encode(
        x=alt.X(
            "hour:O",
            sort=hours,
            title=f"Hour of the day ({zone})",
            axis=alt.Axis(labelAngle=0, labelExpr="substring(datum.label, 0, 2)", labelOverlap=True, ticks=False),
        ),
        y=_groups_axis(groups),
        tooltip=[
            alt.Tooltip("age_group:N", title="Age"),
            alt.Tooltip("hour:N", title="Hour"),
            alt.Tooltip("text:N", title="Visits"),
            alt.Tooltip("observed:Q", title="Observed", format=".0%"),
        ],
    )
    cells_mark = base.mark_rect(stroke=ink.muted, strokeWidth=0.5).encode(
        color=alt.Color(
            "visits:Q",
            scale=alt.Scale(range=list(ink.ramp), domainMin=0),
            legend=alt.Legend(title="Visits", orient="top", gradientLength=120, format=",d", tickCount=3, offset=6),
        )
    )
    # A gap belongs to the hour, not to an age group: a strip on top of its column.
    gaps = (
        base.transform_filter(f"isValid(datum.observed) && datum.observed < {GAP_BELOW}")
        .transform_calculate(missing="1 - datum.observed")
        .mark_rect()
        .encode(
            opacity=alt.Opacity("missing:Q", scale=alt.Scale(domain=[0, 0.2], range=[0.3, 1], clamp=True), legend=None),
            y=alt.value(-7),
            y2=alt.value(-1),
            fill=alt.Fill("gap:N", scale=colours([GAP_LABEL], [ink.gap]), legend=legend()),
        )
    )
    hidden = (
        base.transform_filter("datum.hidden && datum.visits == 0")
        .mark_text(fontSize=10)
        .encode(text=alt.value("×"), color=alt.value(ink.text))
    )
    chart = alt.layer(cells_mark, gaps, hidden).resolve_scale(color="independent", fill="independent")
    return finish(chart, 90 + ROW_HEIGHT * len(groups))


def shares_chart(shares: pd.DataFrame, order: list[str], before_name: str, ink: Ink) -> AnyChart:
    """Return the share of each group, a tick where it stood in the range before.

    Args:
        shares: `group`, `share` and `before` in [0, 1], NaN where hidden or unknown.
        order: age groups from young to old, "unknown" last.
        before_name: legend text of the ticks.
        ink: colours that depend on the background.
    """
    now_name = "This range"
    shown = shares.assign(now_name=now_name, before_name=before_name)
    scale = colours([now_name, before_name], [VISITS, ink.text])
    base = alt.Chart(shown).encode(
        y=_groups_axis(order, "group:N"),
        tooltip=[
            alt.Tooltip("group:N", title="Group"),
            alt.Tooltip("share:Q", title=now_name, format=".1%"),
            alt.Tooltip("before:Q", title=before_name, format=".1%"),
        ],
    )
    bars = base.mark_bar(cornerRadiusEnd=BAR_RADIUS).encode(
        x=alt.X("share:Q", axis=alt.Axis(title="Share of visits", format=".0%", tickCount=5)),
        color=alt.Color("now_name:N", scale=scale, legend=legend()),
    )
    ticks = base.mark_tick(thickness=2.5, height=alt.RelativeBandSize(0.9)).encode(
        x="before:Q", color=alt.Color("before_name:N", scale=scale, legend=legend())
    )
    return finish(alt.layer(bars, ticks), 90 + 26 * len(order))


def gender_shares_chart(shares: pd.DataFrame) -> AnyChart:
    """Return one stacked bar a range: `range`, `gender`, `share` in [0, 1], `visits`."""
    names = list(GENDER_NAMES)
    shown = shares.assign(name=shares["gender"].map(GENDER_NAMES), place=shares["gender"].map(names.index))
    bars = (
        alt.Chart(shown)
        .mark_bar()
        .encode(
            y=alt.Y("range:N", sort=None, title=None, axis=alt.Axis(ticks=False, domain=False, labelLimit=160)),
            x=alt.X("share:Q", stack="zero", axis=alt.Axis(title="Share of visits", format=".0%", tickCount=5)),
            color=alt.Color(
                "name:N",
                sort=list(GENDER_NAMES.values()),
                scale=colours(list(GENDER_NAMES.values()), list(GENDER_COLOURS.values())),
                legend=legend(),
            ),
            order=alt.Order("place:Q"),
            tooltip=[
                alt.Tooltip("range:N", title="Range"),
                alt.Tooltip("name:N", title="Gender"),
                alt.Tooltip("share:Q", title="Share", format=".1%"),
                alt.Tooltip("visits:Q", title="Visits", format=",d"),
            ],
        )
    )
    return finish(bars, 150)


def _groups_axis(groups: list[str], field: str = "age_group:N") -> alt.Y:
    # Oldest on top, as in every pyramid; what is unknown stands apart at the bottom.
    order = [group for group in reversed(groups) if group != "unknown"] + [
        group for group in groups if group == "unknown"
    ]
    return alt.Y(field, sort=order, title="Age (years)", axis=alt.Axis(ticks=False, domain=False))
