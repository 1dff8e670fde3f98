"""A day's corrected shares: made once, made again when the day changes, kept after retention, checked by verify."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from alembic import command
from sqlalchemy import Engine, update

from analytics.shares import WIDEST
from db import migration
from db.estimate_models import ShareEstimateRow
from db.estimates import AGE, GENDER, WHOLE_SITE, StoredEstimate
from db.reading.estimates import stored_estimates
from db.session import reading, upgrade, writing
from db.store import Store
from footfall.config import Config
from footfall.types import Gender, Visit
from reports.estimates import day_shares, estimate_differences, estimate_settings, keep_all, keep_day
from reports.estimating import shares_of
from reports.hidden_cells import EstimateSettings
from reports.hour_sums import hours_by, shares_of_hours, together
from tests.integration.conftest import visit
from tests.integration.reports.shares import MONDAY, NETWORK, NINE, STARTS, know_network, visitors

SETTINGS = EstimateSettings(STARTS)
TUESDAY_NOON = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)


def stored(engine: Engine, day: date = MONDAY) -> dict[tuple[str, str], StoredEstimate]:
    with reading(engine) as connection:
        return {(one.entrance, one.dimension): one for one in stored_estimates(connection, "mall", day, day)}


def keep(engine: Engine, settings: EstimateSettings = SETTINGS) -> bool:
    return keep_day(engine, "mall", MONDAY, settings)


@pytest.fixture
def filled(store: Store, engine: Engine) -> None:
    """1000 visits of Monday."""
    know_network(engine)
    store.save_visits(visitors())


@pytest.mark.usefixtures("filled")
def test_shares_are_those_of_the_people_and_not_of_the_labels_probabilities(engine: Engine) -> None:
    assert keep(engine)
    whole = stored(engine)[WHOLE_SITE, GENDER]
    assert (whole.judged, whole.visits, whole.left_out) == (800, 1000, 0)
    shares = shares_of(whole, WIDEST)
    assert shares is not None
    assert shares.groups == ("female", "male")
    assert shares.low[0] < 0.6 < shares.high[0]
    assert abs(shares.estimate[0] - 0.6) < 0.015  # the mean of the probabilities says 58 %
    ages = shares_of(stored(engine)[WHOLE_SITE, AGE], WIDEST)
    assert ages is not None
    found = dict(zip(ages.groups, ages.estimate, strict=True))
    assert found["25-34"] > 0.75
    assert abs(found["65+"] - 0.1) < 0.03


@pytest.mark.usefixtures("filled")
def test_every_entrance_has_its_own_estimates(engine: Engine) -> None:
    keep(engine)
    found = stored(engine)
    assert {entrance for entrance, _ in found} == {WHOLE_SITE, "North", "South"}
    assert found["North", GENDER].judged + found["South", GENDER].judged == found[WHOLE_SITE, GENDER].judged


@pytest.mark.usefixtures("filled")
def test_estimates_are_made_once_and_again_when_the_day_changes(engine: Engine, store: Store) -> None:
    assert keep(engine)
    before = stored(engine)
    assert not keep(engine)
    store.save_visits(visitors(100, NINE + timedelta(hours=9), first=1000))
    assert keep(engine)
    after = stored(engine)
    assert after[WHOLE_SITE, GENDER].visits == 1100
    assert after[WHOLE_SITE, GENDER].version > before[WHOLE_SITE, GENDER].version


@pytest.mark.usefixtures("filled")
def test_the_same_visits_give_the_same_numbers(engine: Engine) -> None:
    with reading(engine) as connection:
        once, twice = (day_shares(connection, "mall", MONDAY, SETTINGS) for _ in range(2))
    assert once.is_new
    assert once == twice


@pytest.mark.usefixtures("filled")
def test_past_days_are_estimated_by_the_nightly_job_and_the_running_day_is_not(
    engine: Engine, config: Config, store: Store
) -> None:
    store.save_visits(visitors(50, NINE + timedelta(days=1), first=2000))
    keep_all(engine, config, TUESDAY_NOON)
    assert stored(engine)
    assert not stored(engine, MONDAY + timedelta(days=1))


@pytest.mark.usefixtures("filled")
def test_estimates_stay_when_retention_deletes_the_visits(engine: Engine, config: Config, store: Store) -> None:
    keep(engine)
    before = stored(engine)
    store.apply_retention(config, TUESDAY_NOON + timedelta(days=200))
    assert stored(engine) == before
    with reading(engine) as connection:
        assert day_shares(connection, "mall", MONDAY, SETTINGS).estimates == tuple(before.values())
        other = day_shares(connection, "mall", MONDAY, EstimateSettings((0, 18)))
        assert (other.is_kept, other.estimates) == (True, tuple(before.values()))
        assert day_shares(connection, "mall", MONDAY, EstimateSettings(STARTS, small_cell=5)).estimates == ()


@pytest.mark.usefixtures("filled")
def test_verify_finds_an_estimate_that_somebody_changed(engine: Engine, config: Config) -> None:
    keep(engine)
    with reading(engine) as connection:
        assert list(estimate_differences(connection, config, MONDAY, MONDAY)) == []
    changed = stored(engine)["North", GENDER]
    row = ShareEstimateRow
    values = changed.shares | {"estimate": [0.9, changed.shares["estimate"][1]]}
    with writing(engine) as connection:
        connection.execute(
            update(row).where(row.entrance == "North", row.dimension == GENDER).values(shares=values, judged=1)
        )
    with reading(engine) as connection:
        found = list(estimate_differences(connection, config, MONDAY, MONDAY))
    assert {(one.table_name, one.camera, one.cell) for one in found} == {
        ("share_estimates", "mall", "North: female estimate"),
        ("share_estimates", "mall", "North: gender judged"),
    }


@pytest.mark.usefixtures("filled")
def test_verify_finds_a_sum_of_an_hour_that_somebody_changed(engine: Engine, config: Config) -> None:
    keep(engine)
    changed = stored(engine)["North", GENDER]
    part = changed.hours["parts"][0]
    sums = [[value + (number == 30) for number, value in enumerate(part["sums"][0])], *part["sums"][1:]]
    row, hours = ShareEstimateRow, changed.hours | {"parts": [part | {"sums": sums}]}
    with writing(engine) as connection:
        connection.execute(update(row).where(row.entrance == "North", row.dimension == GENDER).values(hours=hours))
    with reading(engine) as connection:
        found = list(estimate_differences(connection, config, MONDAY, MONDAY))
    assert [one.cell for one in found] == [f"North: gender 2026-03-02T09:00:00+00:00 {NETWORK} sum 30"]


@pytest.mark.usefixtures("filled")
def test_hours_add_up_to_the_day_and_stay_when_the_visits_go(engine: Engine, config: Config, store: Store) -> None:
    keep(engine)
    store.apply_retention(config, TUESDAY_NOON + timedelta(days=200))
    whole, north, south = (stored(engine)[entrance, AGE] for entrance in (WHOLE_SITE, "North", "South"))
    for one in (whole, north, south):
        assert sum(one.hours["visits"]) == one.visits
        hours = hours_by([one], one.shares["groups"], lambda _, start: start.isoformat())
        assert sum(hour.judged for hour in hours.values()) == one.judged
        again, day = shares_of_hours(together(hours.values()), "again", WIDEST), shares_of(one, WIDEST)
        assert again is not None and day is not None
        assert again.estimate == pytest.approx(day.estimate, abs=1e-3)
    assert sum(north.hours["visits"]) + sum(south.hours["visits"]) == whole.visits


def test_visits_of_a_network_without_a_table_are_not_judged(engine: Engine, store: Store) -> None:
    store.save_visits([*visitors(25), visit(5000, NINE, model_version="finder-1+other", p_female=0.9)])
    keep(engine)
    whole = stored(engine)[WHOLE_SITE, GENDER]
    assert (whole.judged, whole.visits, whole.shares) == (0, 26, {})
    assert shares_of(whole, WIDEST) is None
    assert whole.basis["networks"] == [NETWORK, "other"]


def test_visits_of_hidden_cells_are_no_part_of_any_estimate(engine: Engine, store: Store) -> None:
    know_network(engine)
    store.save_visits(visitors())
    settings = EstimateSettings(STARTS, small_cell=5)
    few = [
        visit(9000 + n, NINE, gender=gender, age_group=age, p_female=p_female, model_version=f"finder-1+{NETWORK}",
              age_shares=shares)
        for n, (gender, age, p_female, shares) in enumerate([
            (Gender.FEMALE, "0-12", 0.8, (1000, 0, 0, 0, 0, 0, 0, 0)),
            (Gender.FEMALE, "0-12", 0.8, (1000, 0, 0, 0, 0, 0, 0, 0)),
            (Gender.MALE, "13-17", 0.2, (0, 1000, 0, 0, 0, 0, 0, 0)),
        ])
    ]  # fmt: skip
    store.save_visits(few)
    keep(engine, settings)
    hiding = stored(engine)
    # Another number of people in the hidden cells, as far as totals allow, and nothing that is told moves.
    other = Store(engine, lambda: NINE)
    with writing(engine) as connection:
        connection.exec_driver_sql("DELETE FROM share_estimates")
    other.save_visits([visit(9100, NINE, gender=Gender.MALE, age_group="13-17", p_female=0.01,
                             model_version=f"finder-1+{NETWORK}", age_shares=(0, 1000, 0, 0, 0, 0, 0, 0))])  # fmt: skip
    keep(engine, settings)
    for key, now in stored(engine).items():
        before = hiding[key]
        assert now.shares == before.shares, key
        assert (now.judged, now.visits) == (before.judged, before.visits)
    assert stored(engine)[WHOLE_SITE, GENDER].left_out == hiding[WHOLE_SITE, GENDER].left_out + 1
    with reading(engine) as connection:
        told_without = day_shares(connection, "mall", MONDAY, SETTINGS).estimates[0]
    assert told_without.visits == 1004


def test_visits_of_cells_hidden_by_hour_are_in_no_sum_of_an_hour(engine: Engine, store: Store) -> None:
    know_network(engine)
    settings = EstimateSettings(STARTS, small_cell=5)

    def crowd(first: int, hour: int, count: int, woman: bool) -> list[Visit]:
        look: dict[str, object] = {"p_female": 0.95, "gender": Gender.FEMALE, "age_group": "25-34"}
        if not woman:
            look = {"p_female": 0.05, "gender": Gender.MALE, "age_group": "25-34"}
        look |= {"age_shares": (0, 0, 100, 800, 100, 0, 0, 0), "model_version": f"finder-1+{NETWORK}"}
        return [visit(first + n, NINE + timedelta(hours=hour, minutes=n), "north", **look) for n in range(count)]

    for first, hour, count, woman in ((0, 0, 3, True), (500, 0, 20, False), (1000, 1, 20, True), (1500, 1, 3, False)):
        store.save_visits(crowd(first, hour, count, woman))
    keep(engine, settings)
    one = stored(engine)[WHOLE_SITE, GENDER]
    assert one.left_out == 0  # 23 women and 23 men of the day are shown
    assert sum(one.hours["left_out"]) >= 6
    assert sum(one.hours["visits"]) + sum(one.hours["left_out"]) == 46
    assert sum(sum(sums) for part in one.hours["parts"] for sums in part["sums"]) == sum(one.hours["visits"])


def test_rows_of_the_version_before_have_no_age_shares_and_are_read(
    engine: Engine, database_url: str, store: Store
) -> None:
    store.save_visits(visitors(25))
    with writing(engine) as connection:
        config = migration.alembic_config()
        config.attributes["connection"] = connection
        command.downgrade(config, "0009")
    upgrade(database_url)
    know_network(engine)
    keep(engine)
    found = stored(engine)
    assert (found[WHOLE_SITE, AGE].judged, found[WHOLE_SITE, GENDER].judged) == (0, 20)


@pytest.mark.usefixtures("filled")
def test_estimates_without_hours_are_made_again_while_visits_are_kept(engine: Engine, database_url: str) -> None:
    keep(engine)
    with writing(engine) as connection:
        config = migration.alembic_config()
        config.attributes["connection"] = connection
        command.downgrade(config, "0010")
        connection.exec_driver_sql("UPDATE share_estimates SET made_of = 'by the version before'")
    upgrade(database_url)
    assert stored(engine)[WHOLE_SITE, GENDER].hours == {}
    assert keep(engine)
    assert stored(engine)[WHOLE_SITE, GENDER].hours["starts"]


def test_settings_name_what_estimates_rest_on(config: Config) -> None:
    assert estimate_settings(config.report, config.reid) == SETTINGS
    assert np.isclose(sum(visitors(1)[0].age_shares or ()), 1000)
