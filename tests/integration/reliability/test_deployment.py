"""What is deployed names only things that exist: commands, settings, metrics, files."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from app.cli.root import app
from footfall.config import Config, load_config
from footfall.environment_names import OTHER_NAMES
from ingest.health.metrics import CAMERA_COUNTERS, CAMERA_GAUGES
from tests.missing import missing

ROOT = Path(__file__).parents[3]
DEPLOY = ROOT / "deploy"
DOCKER = DEPLOY / "docker"


def compose() -> dict[str, Any]:
    """Return the compose file with its anchors followed."""
    return dict(yaml.safe_load((DOCKER / "compose.yaml").read_text()))


def is_setting(name: str) -> bool:
    """Tell whether the environment name `name` reaches a setting."""
    model: Any = Config
    for part in name.removeprefix("FOOTFALL_").lower().split("__"):
        if part not in getattr(model, "model_fields", {}):
            return False
        model = model.model_fields[part].annotation
    return True


def test_alerts_name_metrics_that_exist() -> None:
    rules = yaml.safe_load((DEPLOY / "prometheus" / "footfall.rules.yml").read_text())
    expressions = " ".join(rule["expr"] for group in rules["groups"] for rule in group["rules"])
    known = {f"footfall_{name}_total" for name in CAMERA_COUNTERS} | {f"footfall_{name}" for name in CAMERA_GAUGES}
    used = set(re.findall(r"\bfootfall_\w+", expressions))
    assert used and used <= known | {"footfall_database_up"}
    assert all(rule["annotations"]["summary"] for group in rules["groups"] for rule in group["rules"])


def test_prometheus_asks_where_health_is_served_and_reads_rules_that_exist() -> None:
    settings = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yml").read_text())
    [job] = settings["scrape_configs"]
    service = Config().service
    assert job["static_configs"] == [{"targets": [f"{service.http_host}:{service.http_port}"]}]
    assert all((DEPLOY / "prometheus" / name).exists() for name in settings["rule_files"])


@pytest.mark.parametrize("unit", sorted(path.name for path in (DEPLOY / "systemd").glob("*.service")))
def test_systemd_takes_the_units(tmp_path: Path, unit: str) -> None:
    """With the program's place set to something that exists here; an unknown setting is printed as a warning."""
    if shutil.which("systemd-analyze") is None:
        missing("no systemd-analyze; `apt install systemd`")
    text = (DEPLOY / "systemd" / unit).read_text()
    [command] = re.findall(r"^ExecStart=/opt/footfall/.venv/bin/footfall (\w+)", text, re.MULTILINE)
    assert command in {registered.callback.__name__ for registered in app.registered_commands if registered.callback}
    (tmp_path / unit).write_text(text.replace("/opt/footfall/.venv/bin/footfall", "/bin/true"))
    done = subprocess.run(
        ["systemd-analyze", "verify", str(tmp_path / unit)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, [line for line in done.stderr.splitlines() if unit in line]) == (0, [])


def test_containers_are_made_of_commands_settings_volumes_and_secrets_that_exist() -> None:
    document = compose()
    services = document["services"]
    commands = {registered.callback.__name__ for registered in app.registered_commands if registered.callback}
    ours = ("workers", "jobs", "dashboard", "api", "mqtt")
    asked = [services[name]["command"] for name in ours]
    assert asked == [["run"], ["jobs"], ["dashboard"], ["api"], ["mqtt"]]
    assert {command for [command] in asked} <= commands
    for name, service in services.items():
        told = [key for key in service.get("environment", {}) if key.startswith("FOOTFALL_")]
        assert [key for key in told if key not in OTHER_NAMES and not is_setting(key)] == [], name
        assert set(service.get("secrets", [])) <= set(document["secrets"]), name
        assert set(service.get("depends_on", {})) <= set(services), name
        named = {volume.partition(":")[0] for volume in service["volumes"] if not volume.startswith("./")}
        assert named <= set(document["volumes"]), name
    built = services["workers"]["build"]
    context = (DOCKER / built["context"]).resolve()
    assert (context, (context / built["dockerfile"]).is_file()) == (ROOT, True)
    assert {Path(secret["file"]).parts[0] for secret in document["secrets"].values()} == {"secrets"}


def test_what_is_composed_keeps_to_the_schema_of_the_compose_specification() -> None:
    """The one that check-jsonschema carries: nothing is fetched."""
    files = [str(DOCKER / name) for name in ("compose.yaml", "box.yaml")]
    asked = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", *files]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_further_box_runs_workers_only_and_needs_a_name() -> None:
    document = yaml.safe_load((DOCKER / "box.yaml").read_text())
    [workers] = document["services"].values()
    assert workers["command"] == ["run"]
    assert workers["environment"]["FOOTFALL_SERVICE__BOX"].startswith("${BOX:?")
    assert [key for key in workers["environment"] if key not in OTHER_NAMES and not is_setting(key)] == []
    assert set(workers["secrets"]) == set(document["secrets"])
    assert (DOCKER / workers["build"]["context"]).resolve() == ROOT


def test_kubernetes_would_take_the_example_and_the_program_its_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Checked against the strict schemas that kubernetes-validate carries, and read as each container would."""
    documents = list(yaml.safe_load_all((DEPLOY / "kubernetes" / "fleet.yaml").read_text()))
    for document in documents:
        kubernetes_validate.validate(document, "1.37", strict=True)
    [settings] = [document["data"] for document in documents if document["kind"] == "ConfigMap"]
    for name, text in settings.items():
        (tmp_path / name).write_text(text)
    commands = {registered.callback.__name__ for registered in app.registered_commands if registered.callback}
    watched: list[str] = []
    boxes: list[str] = []
    for workload in (document for document in documents if document["kind"] == "StatefulSet"):
        assert workload["spec"]["replicas"] == 1
        for container in workload["spec"]["template"]["spec"]["containers"]:
            [command] = container["args"]
            assert command in commands
            given = {variable["name"]: variable.get("value", "x://given") for variable in container["env"]}
            path = Path(given.pop("FOOTFALL_CONFIG"))
            assert str(path.parent) in [mount["mountPath"] for mount in container["volumeMounts"]]
            with monkeypatch.context() as environment:
                for name, value in given.items():
                    environment.setenv(name, value)
                config = load_config(tmp_path / path.name)
            assert config.sites["main"].time_zone == "Europe/Berlin"
            if command == "run":
                watched += config.cameras
                boxes.append(config.service.box)
    assert watched and len(watched) == len(set(watched))
    assert len(boxes) == len(set(boxes)) == 2


def test_the_image_is_built_of_the_whole_program_and_of_nothing_secret() -> None:
    allowed = [line for line in (DOCKER / "Dockerfile.dockerignore").read_text().splitlines() if line[:1] in "*!"]
    assert allowed[0] == "*"
    sent = {line.removeprefix("!") for line in allowed[1:] if line.startswith("!")}
    assert all((ROOT / name).exists() for name in sent)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    packages = set(project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"])
    needed = {"pyproject.toml", project["project"]["readme"], *project["project"]["license-files"]}
    assert sent == packages | needed
