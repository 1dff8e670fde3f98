"""The page of a day as PDF: the words and numbers of Overview, on one page, whatever the day and its names are."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pypdfium2
import pytest

from dashboard.accounts.person import LOCAL_PERSON
from dashboard.charts.entrances import entrances_chart
from dashboard.numbers.comparison import compare_day
from dashboard.numbers.gaps import gaps_of_day
from dashboard.numbers.ground import Ground, lay
from dashboard.numbers.headline import Gap, headline
from dashboard.numbers.kept import forget_kept
from dashboard.numbers.reading import Reader, visible_sites
from db.store import Store
from footfall.errors import ConfigError
from notices.day import DayTold, day_told
from notices.paper import paper
from tests.integration.reports.shares import know_network, visitors
from tests.mall import DAY, NOW, WEEK_BEFORE, fill_mall, mall_config
from tests.missing import missing

DEJAVU = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")
A4_PT = (595, 841)


@pytest.fixture(scope="module", autouse=True)
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """The small mall, read without pages, an hour after it opened on the day after."""
    folder = tmp_path_factory.mktemp("mall")
    config = mall_config(f"sqlite:///{folder / 'footfall.db'}", folder)
    engine = fill_mall(config)
    know_network(engine)
    Store(engine, lambda: NOW).save_visits(visitors())
    laid = Ground(config, engine, lambda: NOW)
    lay(laid)
    forget_kept()
    yield laid
    forget_kept()
    engine.dispose()


def words_of(pdf: bytes) -> str:
    """Return the words of the only page, of which none may stand outside of the paper."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        assert len(document) == 1
        text = document[0].get_textpage()
        assert tuple(map(int, document[0].get_size())) == A4_PT
        for number in range(text.count_rects()):
            left, bottom, right, top = text.get_rect(number)
            assert left >= 0 and bottom >= 0 and right <= A4_PT[0] + 1 and top <= A4_PT[1] + 1
        return " ".join(str(text.get_text_range()).split())
    finally:
        document.close()


def test_the_page_says_what_overview_says_of_an_incomplete_day() -> None:
    reader = Reader(LOCAL_PERSON, next(site for site in visible_sites(LOCAL_PERSON) if site.name == "main"))
    told = day_told("main", DAY)
    pdf = paper(told)
    assert pdf == paper(day_told("main", DAY))  # the same data, the same bytes
    words = words_of(pdf)
    for sentence in headline(compare_day(reader, DAY, NOW), gaps_of_day(reader, DAY, NOW)):
        assert " ".join(sentence.split()) in words
    for wanted in ("Main mall", "Monday 2 March 2026", "Incomplete", "Came in by hour", "Came in by entrance"):
        assert wanted in words
    assert "<b>North</b> [doors]" in words  # a label is text, not markup
    assert "something covered the lens" in words
    assert "Who came" in words
    about = told.who.set_index("Group").loc["Women"]
    assert f"{100 * about.About:.0f}% ({100 * about.From:.0f}–{100 * about.To:.0f})" in words
    came = next(number.value for number in told.numbers if number.name == "Came in")
    assert int(came.replace(",", "")) == int(reader.arrivals(DAY, DAY)["arrivals"].sum())
    assert told.subject == f"Main mall, Mon 2 Mar: {came} came in (incomplete)"


@pytest.mark.parametrize(
    ("day", "state", "said"),
    [
        (WEEK_BEFORE, "complete", "29 came in on Mon 23 Feb"),
        (DAY + timedelta(days=1), "not over yet", "The day is not over"),
        (date(2026, 2, 25), "nothing observed", "No data for Wednesday 25 February 2026"),
    ],
)
def test_every_kind_of_day_says_in_words_whether_it_is_complete(day: date, state: str, said: str) -> None:
    words = words_of(paper(day_told("main", day)))
    assert state.capitalize() in words
    assert said in words


def crowded(told: DayTold) -> DayTold:
    """Return a day of twelve entrances with long names, twelve cameras away and more sentences than there is room."""
    names = [f"{number}. Eingang Königsallee gegenüber dem Parkhaus" for number in range(12)]
    rows = [(name, way, 100) for name in names for way in ("came_in", "unique")]
    return dataclasses.replace(
        told,
        label="Einkaufszentrum am Großen Markt, Ελληνικά и Київ " * 5,
        sentences=told.sentences + ("And so it goes on for a while.",) * 40,
        gaps=tuple(Gap(f"Kamera {name}", 3600.0, "the picture was covered, " * 20) for name in names),
        entrances=entrances_chart(pd.DataFrame(rows, columns=["entrance", "way", "number"])),
        who=pd.DataFrame(
            [(f"{age}-{age + 4}", 0.1, 0.05, 0.2) for age in range(0, 90, 5)], columns=["Group", "About", "From", "To"]
        ),
    )


def test_a_crowded_day_with_long_names_still_fits_on_one_page() -> None:
    words = words_of(paper(crowded(day_told("main", DAY))))
    assert "Ελληνικά и Київ" in words
    assert "…" in words
    assert "and 7 more cameras" in words


def test_a_script_that_no_font_has_takes_a_font_of_the_settings(tmp_path: Path) -> None:
    told = dataclasses.replace(day_told("main", DAY), label="თბილისი მოლი")
    assert "main (" in words_of(paper(told))  # the site can be told apart all the same
    if not DEJAVU.is_file():
        missing(f"no {DEJAVU}; `apt install fonts-dejavu-core` brings it")
    assert {"თბილისი", "მოლი"} <= set(words_of(paper(told, (DEJAVU,))).split())
    broken = tmp_path / "broken.ttf"
    broken.write_bytes(b"no font")
    for wrong in (broken, tmp_path / "absent.ttf"):
        with pytest.raises(ConfigError, match=r"report\.pdf_fonts"):
            paper(told, (wrong,))


def test_small_counts_of_groups_are_in_no_word_of_the_page(ground: Ground) -> None:
    assert "% women" in words_of(paper(day_told("main", DAY)))
    report = ground.config.report.model_copy(update={"small_cell": 1000})
    lay(dataclasses.replace(ground, config=ground.config.model_copy(update={"report": report})))
    forget_kept()
    try:
        told = day_told("main", DAY)
        assert told.who["About"].isna().all()
        assert "% women" not in words_of(paper(told))
    finally:
        lay(ground)
        forget_kept()
