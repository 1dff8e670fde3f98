"""Settings: a typo is named with the nearest valid key, the environment overrides, secrets never show."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

import pytest
from pydantic import BaseModel

from app.cli.output import config_path
from footfall.config import Config, load_config
from footfall.config_sections import CameraConfig
from footfall.errors import ConfigError

TEMPLATE = files("app.cli").joinpath("footfall.template.toml").read_text(encoding="utf-8")


def write(folder: Path, text: str) -> Path:
    path = folder / "footfall.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "wrong", "suggestion"),
    [
        ("[visits]\nmin_hit = 3", "visits.min_hit", "min_hits"),
        ("databse_url = 'sqlite://'", "databse_url", "database_url"),
        ("[cameras.north]\nsource = '0'\npasword = 'x'", "cameras.north.pasword", "password"),
        ("[sites.main]\ntime_zone = 'Europe/Berln'", "Europe/Berln", "Europe/Berlin"),
        ("[sites.mall]\n[cameras.a]\nsource = '0'\nsite = 'mal'", "mal", "mall"),
    ],
)
def test_a_typo_is_named_with_the_nearest_valid_name(tmp_path: Path, text: str, wrong: str, suggestion: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(write(tmp_path, text))
    assert wrong in str(caught.value)
    assert f"did you mean '{suggestion}'" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[report]\ntime = '02:30'", "clocks change"),
        ("[report]\nage_group_starts = [5, 10]", "begin with 0"),
        ("[sites.main]\nopening_hours = '9-21'", "09:00-21:00"),
        ("[sites.main]\nopening_hours = '09:00-24:30'", "09:00-21:00"),
        ("[sites.main]\nopening_hours = { funday = '09:00-21:00' }", "opening_hours"),
        ("[cameras.North]\nsource = '0'", "a-z"),
        ("[cameras.a]", "cameras.a.source is missing"),
        ("[cameras.a]\nsource = '0'\nline = [[0.5, 0.5], [0.5, 0.5]]", "two ends"),
        ("[cameras.a]\nsource = '0'\nline = [[0, 0.5], [640, 0.5]]", "cameras.a.line"),
        ("[visits]\nmin_hits = 0", "visits.min_hits"),
        ("[detector]\nmin_score = 0.15", "set weak_score lower"),
        ("[reid]\nmode = 'face'", "reid.mode"),
        ("[reid]\nstaff_passes = 1.0", "reid.staff_passes"),
        ("sites = {}", "at least one site"),
        ("[mail]\nreports_to = ['a@b.example']", "no host is named"),
        ("[mail]\nhost = 'smtp.b.example'", "sender is missing"),
        ("[mail]\nreports_to = ['nobody']", "name@example.com"),
        ("[mail]\nhost = 'h'\nsender = 'a@b.example'\nusername = 'a'\npassword = 'b'\nsecurity = 'none'", "in clear"),
        ("[sites.mall]\n[mail.sites.mal]", "did you mean 'mall'"),
        ("[alerts]\nwebhook_url = 'http://b.example/hook'\nwebhook_secret = 'long enough to sign'", "use https"),
        ("[alerts]\nwebhook_url = 'https://b.example/hook'\nwebhook_secret = 'short'", "webhook_secret"),
        ("[alerts]\nwebhook_url = 'https://b.example/höök'\nwebhook_secret = 'long enough to sign'", "no address like"),
        ("[mail]\nhost = 'h'\nsender = \"Mall\\u2028X <a@b.example>\"", "line break"),
        ("[sites.a]\n[sites.b]\n[cameras.c]\nsource = '0'", "name one of the sites a, b"),
        ("no toml", "not valid TOML"),
    ],
)
def test_a_value_that_cannot_be_is_refused_in_one_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(write(tmp_path, text))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[sites.main]\nopening_hours = 5", "sites.main.opening_hours: write '09:00-21:00', 'closed', or a table"),
        ("[sites.main]\nopening_hours = { mon = '25:00' }", "sites.main.opening_hours.mon: '25:00' is not like"),
        ("[sites.main]\nopening_hours = { moon = '09:00-21:00' }", "no day is called 'moon'; did you mean 'mon'?"),
        ("[cameras.a]\nsource = '0'\nline = 'across'", "cameras.a.line: write the two ends like [[0.0, 0.6]"),
        ("[cameras.a]\nsource = '0'\nline = [0.1, 0.5, 0.3, 0.2]", "cameras.a.line: write the two ends like"),
        ("[cameras.a]\nsource = '0'\nignore = [[[0.1, 0.2], [0.3, 0.4]]]", "cameras.a.ignore: write a list of areas"),
        ("[cameras.a]\nsource = '0'\nworking_size = 'big'", 'cameras.a.working_size: write "auto", or width'),
        ("[cameras.a]\nsource = '0'\nenabled = 'maybe'", "cameras.a.enabled: must be true or false"),
        ("[cameras.a]\nsource = 0", "cameras.a.source: must be a text in quotation marks"),
        ("[cameras]\nnorth = 'rtsp://cam'", "cameras.north: must be a table"),
        ("[report]\ntime = 4", "report.time: write a time of day like '04:30'"),
        ("[report]\ndirectory = 5", "report.directory: write a folder's path"),
        ("[visits]\nmin_hits = 2.5", "visits.min_hits: must be a whole number"),
    ],
)
def test_a_value_of_a_wrong_kind_says_what_to_write(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(write(tmp_path, text))
    assert said in str(caught.value)
    assert not re.search(r"function-|literal\[|dict\[|tuple\[|Input|\bclass\b", str(caught.value))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("FOOTFALL_VISIT__MIN_HITS", "is no setting; did you mean 'FOOTFALL_VISITS__MIN_HITS'?"),
        ("FOOTFALL_DATABSE_URL", "is no setting; did you mean 'FOOTFALL_DATABASE_URL'?"),
        ("FOOTFALL_CAMERAS__NORTH_EAST__PASWORD", "did you mean 'FOOTFALL_CAMERAS__NORTH_EAST__PASSWORD'?"),
        ("FOOTFALL_CAMERAS__NROTH_EAST__PASSWORD", "a camera that the settings do not have; did you mean 'FOOTFALL_CA"),
    ],
)
@pytest.mark.parametrize("in_folder", [False, True])
def test_an_environment_name_that_is_no_setting_is_named_with_the_nearest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, said: str, in_folder: bool
) -> None:
    if in_folder:
        (tmp_path / name).write_text("hush", encoding="utf-8")
        monkeypatch.setenv("FOOTFALL_SECRETS_DIR", str(tmp_path))
    else:
        monkeypatch.setenv(name, "hush")
    with pytest.raises(ConfigError) as caught:
        load_config(write(tmp_path, "[cameras.north-east]\nsource = '0'\n"))
    assert name in str(caught.value) and said in str(caught.value)
    assert "hush" not in str(caught.value)


def test_addresses_that_a_cluster_gives_a_service_called_footfall_are_no_settings(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("FOOTFALL_SERVICE_HOST", "FOOTFALL_PORT_8501_TCP_ADDR", "FOOTFALL_PORT"):
        monkeypatch.setenv(name, "tcp://10.0.0.1:8501")
    assert load_config().cameras == {}


def test_a_missing_file_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="footfall init"):
        load_config(tmp_path / "absent.toml")


def test_the_environment_overrides_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, "database_url = 'sqlite:///a.db'\n[cameras.north]\nsource = '0'\nmax_fps = 5.0\n")
    monkeypatch.setenv("FOOTFALL_DATABASE_URL", "postgresql://localhost/b")
    monkeypatch.setenv("FOOTFALL_CAMERAS__NORTH__PASSWORD", "hush")
    monkeypatch.setenv("FOOTFALL_VISITS__MIN_HITS", "7")
    config = load_config(path)
    assert config.database_url.get_secret_value() == "postgresql://localhost/b"
    assert config.cameras["north"].password.get_secret_value() == "hush"
    assert (config.cameras["north"].max_fps, config.visits.min_hits) == (5.0, 7)


def test_a_camera_with_a_hyphen_has_an_environment_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "FOOTFALL_CAMERAS__NORTH_EAST__USERNAME").write_text("guard", encoding="utf-8")
    (tmp_path / "FOOTFALL_CAMERAS__SOUTH-WEST__PASSWORD").write_text("as before", encoding="utf-8")
    monkeypatch.setenv("FOOTFALL_SECRETS_DIR", str(tmp_path))
    monkeypatch.setenv("FOOTFALL_CAMERAS__NORTH_EAST__PASSWORD", "hush")
    monkeypatch.setenv("FOOTFALL_CAMERAS__LIFT_2__PASSWORD", "hush hush")
    monkeypatch.setenv("FOOTFALL_SITES__OLD_TOWN__TIME_ZONE", "Europe/Berlin")
    monkeypatch.setenv("FOOTFALL_CAMERAS__ROOF__SOURCE", "4")  # of the environment alone
    names = ("north-east", "south-west", "lift__2-")
    cameras = "".join(f"[cameras.{name}]\nsource = '{number}'\n" for number, name in enumerate(names))
    config = load_config(write(tmp_path, f"{cameras}[sites.old-town]\nlabel = 'Old town'\n"))
    passwords = {name: camera.password.get_secret_value() for name, camera in config.cameras.items()}
    assert passwords == {"north-east": "hush", "south-west": "as before", "lift__2-": "hush hush", "roof": ""}
    assert config.cameras["north-east"].username == "guard"
    assert config.sites["old-town"].time_zone == "Europe/Berlin"


@pytest.mark.parametrize(("one", "other"), [("north-east", "north_east"), ("a__b", "a-b"), ("gate", "gate_")])
def test_names_that_the_environment_cannot_tell_apart_are_refused(tmp_path: Path, one: str, other: str) -> None:
    cameras = f"[cameras.{one}]\nsource = '0'\n[cameras.{other}]\nsource = '1'\n"
    with pytest.raises(ConfigError, match=f"cameras: {one} and {other} have the same environment name"):
        load_config(write(tmp_path, cameras))


def test_a_table_in_the_environment_that_is_not_json_is_told_without_its_text(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FOOTFALL_CAMERAS", "{north: hush")
    with pytest.raises(ConfigError, match="cameras") as caught:
        load_config()
    assert "hush" not in str(caught.value)


def test_the_source_and_the_user_of_a_camera_show_nowhere(tmp_path: Path) -> None:
    config = load_config(write(tmp_path, "[cameras.north]\nsource = 'rtsp://a:hush@cam/1'\nusername = 'guard'\n"))
    assert "hush" not in repr(config) and "guard" not in repr(config)


def test_secrets_come_from_a_folder_and_never_show(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "FOOTFALL_DATABASE_URL").write_text("postgresql://user:hush@localhost/b", encoding="utf-8")
    monkeypatch.setenv("FOOTFALL_SECRETS_DIR", str(tmp_path))
    config = load_config()
    assert config.database_url.get_secret_value().endswith("hush@localhost/b")
    assert "hush" not in repr(config)


def test_the_password_of_a_camera_comes_from_the_secrets_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    (secrets / "FOOTFALL_CAMERAS__NORTH__PASSWORD").write_text("hush hush\n", encoding="utf-8")
    (secrets / "postgres_password").write_text("of somebody else", encoding="utf-8")
    monkeypatch.setenv("FOOTFALL_SECRETS_DIR", str(secrets))
    cameras = "[cameras.north]\nsource = '0'\nmax_fps = 5.0\n[cameras.south]\nsource = '1'\n"
    config = load_config(write(tmp_path, cameras))
    assert config.cameras["north"].password.get_secret_value() == "hush hush"
    assert (config.cameras["north"].max_fps, list(config.cameras)) == (5.0, ["north", "south"])


def test_the_file_is_the_given_one_then_the_environments_then_footfall_toml(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FOOTFALL_CONFIG", raising=False)
    assert config_path(None) is None
    write(tmp_path, "")
    assert config_path(None) == Path("footfall.toml")
    monkeypatch.setenv("FOOTFALL_CONFIG", "other.toml")
    assert config_path(None) == Path("other.toml")
    assert config_path(Path("given.toml")) == Path("given.toml")


def test_an_unknown_camera_names_the_nearest(tmp_path: Path) -> None:
    config = load_config(write(tmp_path, "[cameras.north-door]\nsource = '0'"))
    with pytest.raises(ConfigError, match="did you mean 'north-door'"):
        config.camera("north-dor")


def test_days_left_out_of_the_opening_hours_are_closed(tmp_path: Path) -> None:
    config = load_config(write(tmp_path, "[sites.main]\nopening_hours = { mon = '09:00-21:00' }"))
    assert config.sites["main"].hours_by_weekday() == ("09:00-21:00", *["closed"] * 6)


def test_the_template_is_a_valid_configuration_with_every_line_uncommented(tmp_path: Path) -> None:
    load_config(write(tmp_path, TEMPLATE))
    (tmp_path / "fleet.toml").touch()  # which the template includes
    uncommented = re.sub(r"^# (?=[a-z_]+ = )", "", TEMPLATE, flags=re.MULTILINE)
    config = load_config(write(tmp_path, uncommented))
    assert config.visits == Config().visits
    assert config.report == Config().report
    assert config.reid == Config().reid
    assert config.reid.mode == "off"


def test_the_template_mentions_every_setting() -> None:
    def names(model: type[BaseModel]) -> set[str]:
        return set(model.model_fields)

    sections = [
        type(getattr(Config(), name)) for name in ("detector", "visits", "attributes", "reid", "report", "sharing")
    ]
    sections += [type(getattr(Config(), name)) for name in ("retention", "service", "dashboard")]
    sections += [type(getattr(Config(), name)) for name in ("api", "mqtt", "mail", "alerts")]
    wanted = set().union(*(names(section) for section in sections)) | names(CameraConfig)
    missing = {name for name in wanted if not re.search(rf"\b{name}\b", TEMPLATE)}
    assert not missing


@pytest.mark.parametrize(
    ("url", "secret", "words"),
    [
        ("http://192.0.2.30:6379", "s" * 32, "redis_url: write it like rediss://"),
        ("redis://:pass/word@192.0.2.30:6379/0", "s" * 32, "percent-encoded"),
        ("rediss://192.0.2.30:6379/0", "short", "of at least 32 characters"),
    ],
)
def test_a_server_to_share_through_needs_a_clear_address_and_a_long_secret(url: str, secret: str, words: str) -> None:
    with pytest.raises(ValueError, match=words) as refused:
        Config(sharing={"redis_url": url, "secret": secret})
    assert "pass/word" not in str(refused.value)
