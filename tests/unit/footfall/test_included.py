"""Settings in several files: which value counts, what is said where one is wrong, and what a change writes."""

from __future__ import annotations

from pathlib import Path

import pytest

from footfall.config import load_config
from footfall.errors import ConfigError
from footfall.included import read_settings
from footfall.settings_file import version_of, write_setup

FLEET = """
database_url = "postgresql://db/footfall"
[sites.main]
time_zone = "Europe/Berlin"
opening_hours = { mon = "10:00-20:00", sun = "closed" }
[cameras.north]
source = "rtsp://10.0.1.11/stream2"
ignore = [[[0.1, 0.1], [0.2, 0.1], [0.2, 0.2]]]
[report]
age_group_starts = [0, 18, 65]
"""
BOX = """
include = ["fleet.toml"]   # what all boxes share
[cameras.north]
max_fps = 8.0
[report]
age_group_starts = [0, 30]
[service]
box = "east"
"""
LINE = ((0.1, 0.7), (0.9, 0.65))


def files(folder: Path, **texts: str) -> Path:
    """Write `NAME.toml` for each name and return the first."""
    for name, text in texts.items():
        (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    return folder / f"{next(iter(texts))}.toml"


def refused(path: Path) -> str:
    """Return the one line that says why the settings are refused."""
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_tables_are_merged_lists_are_replaced_and_the_box_has_the_last_word(tmp_path: Path) -> None:
    path = files(tmp_path, east=BOX, fleet=FLEET)
    config = load_config(path)
    assert config.database_url.get_secret_value() == "postgresql://db/footfall"
    assert config.sites["main"].hours_by_weekday()[6] == "closed"
    assert (config.cameras["north"].source, config.cameras["north"].max_fps) == ("rtsp://10.0.1.11/stream2", 8.0)
    assert config.report.age_group_starts == (0, 30)
    assert config.service.box == "east"
    written = read_settings(path)
    assert written.home(("cameras", "north", "max_fps")) == path
    assert written.home(("cameras", "north", "source")) == tmp_path / "fleet.toml"
    assert written.files == (path, tmp_path / "fleet.toml")


def test_of_two_included_files_the_later_counts_and_one_may_include_another_in_its_own_folder(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    files(
        tmp_path / "shared", fleet='include = ["mall.toml"]\n[visits]\nmin_hits = 4', mall="[visits]\nmax_gap_s = 3.0"
    )
    path = files(
        tmp_path, east='include = ["shared/fleet.toml", "late.toml"]', late="[visits]\nmin_hits = 5\nmax_gap_s = 4.0"
    )
    visits = load_config(path).visits
    assert (visits.min_hits, visits.max_gap_s) == (5, 4.0)
    (tmp_path / "late.toml").write_text("", encoding="utf-8")
    visits = load_config(path).visits
    assert (visits.min_hits, visits.max_gap_s) == (4, 3.0)


def test_paths_begin_where_the_file_lies_also_when_it_is_reached_by_a_link(tmp_path: Path) -> None:
    (tmp_path / "boxes").mkdir()
    files(tmp_path / "boxes", east=BOX, fleet=FLEET)
    (tmp_path / "footfall.toml").symlink_to(tmp_path / "boxes" / "east.toml")
    assert load_config(tmp_path / "footfall.toml").cameras["north"].max_fps == 8.0


@pytest.mark.parametrize(
    ("box", "fleet", "said"),
    [
        (BOX, FLEET + "[visits]\nmin_hits = 0\n", "fleet.toml: visits.min_hits: "),
        (BOX + "[visits]\nmin_hits = 0\n", FLEET, "east.toml: visits.min_hits: "),
        (BOX, FLEET + "[visits]\nmin_hit = 3\n", "fleet.toml: unknown setting 'visits.min_hit'; did you mean"),
        (
            BOX,
            FLEET + "[cameras.south]\nsource = '1'\nsite = 'mian'\n",
            "fleet.toml: cameras.south.site: no site 'mian'",
        ),
        (BOX + "[cameras.roof]\nmax_fps = 5.0\n", FLEET, "east.toml: cameras.roof.source is missing"),
        (BOX, "no toml", "fleet.toml: not valid TOML"),
        ("include = 'fleet.toml'", FLEET, "east.toml: include: write a list of files"),
        ("include = ['flete.toml']", FLEET, "east.toml: include names "),
        ("includ = ['fleet.toml']", FLEET, "east.toml: unknown setting 'includ'; did you mean 'include'?"),
        (BOX, 'include = ["east.toml"]', "fleet.toml: include goes in a circle: "),
    ],
)
def test_a_mistake_is_said_of_the_file_in_which_it_stands(tmp_path: Path, box: str, fleet: str, said: str) -> None:
    assert refused(files(tmp_path, east=box, fleet=fleet)).startswith(f"{tmp_path}/{said}")


def test_mistakes_of_two_files_are_said_of_each(tmp_path: Path) -> None:
    path = files(tmp_path, east=BOX + "[visits]\nmin_hits = 0\n", fleet=FLEET + "[detector]\nmin_score = 2.0\n")
    told = refused(path)
    assert f"{tmp_path}/fleet.toml: detector.min_score" in told and f"{path}: visits.min_hits" in told


def test_a_line_goes_into_the_box_s_own_file_for_a_camera_of_the_shared_one(tmp_path: Path) -> None:
    path = files(tmp_path, east=BOX, fleet=FLEET + "[cameras.south]\nsource = '1'\nline = [[0.0, 0.5], [1.0, 0.5]]\n")
    shared = (tmp_path / "fleet.toml").read_bytes()
    write_setup(path, "north", LINE, [], version=version_of(path))
    write_setup(path, "south", LINE, [], version=version_of(path))
    config = load_config(path)
    assert (config.cameras["north"].line, config.cameras["north"].ignore) == (LINE, ())
    assert config.cameras["south"].line == LINE
    assert path.read_text(encoding="utf-8").startswith('\ninclude = ["fleet.toml"]   # what all boxes share\n')
    with pytest.raises(ConfigError, match=r"a file that .* includes, says line or ignore of camera 'south'"):
        write_setup(path, "south", None, [], version=version_of(path))
    with pytest.raises(ConfigError, match="has no camera 'roof'"):
        write_setup(path, "roof", LINE, [], version=version_of(path))
    assert (tmp_path / "fleet.toml").read_bytes() == shared
    assert sorted(item.name for item in tmp_path.iterdir()) == ["east.toml", "fleet.toml"]
