"""The settings file changed in place: what stays, what is refused, and that nothing is left lying about."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from footfall.errors import ConfigError
from footfall.settings_file import version_of, write_setup

TEXT = """# The mall's settings.
[sites.main]
time_zone = "Europe/Berlin"   # where it is

# The north door.
[cameras.north]
source = "0"                  # a webcam
# line = [[0.0, 0.6], [1.0, 0.6]]
# read_timeout_s = 4.0

# The south door.
[cameras.south]
source = "1"
line = [[0.0, 0.5], [1.0, 0.5]] # by Ann
ignore = [[[0.1, 0.1], [0.2, 0.1], [0.2, 0.2]]]

[service] # last
box = "east"
"""
LINE = ((0.1, 0.7), (0.9, 0.65))
AREA = ((0.8, 0.1), (0.95, 0.1), (0.95, 0.4))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A settings file full of comments, alone in its folder."""
    made = tmp_path / "footfall.toml"
    made.write_text(TEXT, encoding="utf-8")
    made.chmod(0o640)
    return made


def test_only_the_two_values_change_and_a_new_one_stands_with_the_others(path: Path) -> None:
    write_setup(path, "north", LINE, [AREA], version=version_of(path))
    written = path.read_text(encoding="utf-8")
    added = "line = [[0.1, 0.7], [0.9, 0.65]]\nignore = [[[0.8, 0.1], [0.95, 0.1], [0.95, 0.4]]]\n"
    assert written == TEXT.replace("# a webcam\n", f"# a webcam\n{added}")
    write_setup(path, "south", LINE, [], version=version_of(path))
    south = written.replace("line = [[0.0, 0.5], [1.0, 0.5]] # by Ann", "line = [[0.1, 0.7], [0.9, 0.65]] # by Ann")
    assert path.read_text(encoding="utf-8") == south.replace(
        "ignore = [[[0.1, 0.1], [0.2, 0.1], [0.2, 0.2]]]", "ignore = []"
    )
    write_setup(path, "south", None, [], version=version_of(path))
    assert "line" not in tomllib.loads(path.read_text(encoding="utf-8"))["cameras"]["south"]
    assert (path.stat().st_mode & 0o777, [item.name for item in path.parent.iterdir()]) == (0o640, ["footfall.toml"])


def test_windows_line_ends_and_inline_tables_stay(path: Path) -> None:
    text = (
        'cameras.north = { source = "0", line = [[0.0, 0.5], [1.0, 0.5]] } # one line\r\ndatabase_url = "sqlite://"\r\n'
    )
    path.write_bytes(("\ufeff" + text).encode())
    write_setup(path, "north", LINE, [], version=version_of(path))
    expected = text.replace("[[0.0, 0.5], [1.0, 0.5]]", "[[0.1, 0.7], [0.9, 0.65]]")
    assert path.read_bytes() == ("\ufeff" + expected).encode()


def test_a_file_that_somebody_changed_meanwhile_is_left_as_it_is(path: Path) -> None:
    version = version_of(path)
    path.write_text(TEXT + "# a new word\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="changed meanwhile, nothing was written"):
        write_setup(path, "north", LINE, [], version=version)
    assert path.read_text(encoding="utf-8") == TEXT + "# a new word\n"


@pytest.mark.parametrize(
    ("camera", "line", "said"),
    [
        ("north", ((0.5, 0.5), (0.5, 0.5)), "two points are the same"),
        ("north", ((0.5, 0.5), (1.5, 0.5)), "cameras.north.line: write the two ends"),
        ("roof", LINE, "has no camera 'roof': the environment describes it"),
    ],
)
def test_what_is_no_setting_is_refused_and_the_file_stays(
    path: Path, camera: str, line: tuple[tuple[float, float], tuple[float, float]], said: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        write_setup(path, camera, line, [], version=version_of(path))
    assert said in str(caught.value) and ".footfall-" not in str(caught.value)
    assert path.read_text(encoding="utf-8") == TEXT
    assert [item.name for item in path.parent.iterdir()] == ["footfall.toml"]


def test_a_line_that_the_environment_gives_cannot_be_changed_in_the_file(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOOTFALL_CAMERAS__NORTH__LINE", "[[0.0, 0.1], [1.0, 0.1]]")
    with pytest.raises(ConfigError, match=r"the environment, or a file that .* says line or ignore"):
        write_setup(path, "north", LINE, [], version=version_of(path))
    assert path.read_text(encoding="utf-8") == TEXT


def test_a_file_that_may_not_be_written_is_one_sentence(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.access", lambda *_: False)  # tests may run as root, who may write everything
    with pytest.raises(ConfigError, match=r"cannot be replaced \(Permission denied\), nothing was written"):
        write_setup(path, "north", LINE, [], version=version_of(path))
    assert [item.name for item in path.parent.iterdir()] == ["footfall.toml"]


def test_a_file_that_ends_without_a_line_break_takes_a_line_too(path: Path) -> None:
    path.write_text('[cameras.north]\nsource = "0" # a webcam', encoding="utf-8")
    write_setup(path, "north", LINE, [], version=version_of(path))
    written = '[cameras.north]\nsource = "0" # a webcam\nline = [[0.1, 0.7], [0.9, 0.65]]\n'
    assert path.read_text(encoding="utf-8") == written
