"""A computer that computes a network otherwise than its reference counts nothing, and every command says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from inference.manifest import BUILT_IN_DIRECTORY
from tests.integration.app.cli.conftest import Outcome, RunCommand, Scene
from tests.unit.inference.small_networks import tamper_with_answers, write_small_network

ADDED = Path("models/mine.onnx")
LIVE = {"FOOTFALL_CAMERAS__ENTRANCE__SOURCE": "rtsp://127.0.0.1:1/door"}


@pytest.fixture
def own(footfall: RunCommand, workplace: Path) -> RunCommand:
    """Run commands where the user's own network is in use, and its stored answers are not what is computed."""

    def run(*arguments: str | Path, **environment: str) -> Outcome:
        return footfall(*arguments, FOOTFALL_MODELS_DIR=str(workplace / "models"), **environment)

    small = write_small_network(workplace / "small.onnx")
    for arguments in (("add", small, "--name", "mine"), ("use", "mine"), ("verify",)):
        outcome = run("models", *arguments)
        assert outcome.code == 0, outcome.err
    tamper_with_answers(workplace / ADDED)
    return run


def is_refused(outcome: Outcome) -> bool:
    lines = outcome.err.strip().splitlines()
    words = ("mine.onnx: this computer computes the network otherwise", "p_female differs by", "nothing is judged")
    return outcome.code == 2 and len(lines) == 1 and all(word in lines[0] for word in words)


def test_nothing_is_counted_with_a_network_that_is_computed_otherwise(
    own: RunCommand, scene: Scene, workplace: Path
) -> None:
    commands: tuple[tuple[str | Path, ...], ...] = (
        ("process", scene.footage, "--camera", "entrance", "--started-at", "2026-03-28T09:00", "--yes"),
        ("annotate", scene.footage, "--camera", "entrance", "--out", "seen.mp4"),
        ("run",),  # the footage, as a camera that is a file
    )
    for command in commands:
        outcome = own(*command)
        assert is_refused(outcome), (command, outcome)
    outcome = own("run", **LIVE)
    assert is_refused(outcome), outcome
    assert not (workplace / "footfall.db").exists()
    assert not (workplace / "seen.mp4").exists()


def test_the_live_program_does_not_start_without_its_network(footfall: RunCommand, workplace: Path) -> None:
    network = workplace / "models" / "eyes.onnx"
    assert footfall("models", "add", BUILT_IN_DIRECTORY / "detector.onnx", "--name", "eyes").code == 0
    used = {"FOOTFALL_DETECTOR__MODEL": "eyes", **LIVE}
    network.write_bytes(network.read_bytes() + b"damage")
    for word in ("checksum differs", "the model file is gone"):
        outcome = footfall("run", **used)
        assert (outcome.code, len(outcome.err.splitlines())) == (2, 1) and word in outcome.err, outcome
        network.unlink(missing_ok=True)
    unit = (Path(__file__).parents[4] / "deploy" / "systemd" / "footfall.service").read_text()
    assert "RestartPreventExitStatus=2" in unit, "systemd would try for ever"


def test_the_network_is_named_by_doctor_verify_and_use(own: RunCommand) -> None:
    for arguments in (("verify",), ("use", "mine")):
        outcome = own("models", *arguments)
        assert is_refused(outcome), (arguments, outcome)
    verified = own("models", "verify").out
    assert "detector built-in: checksum ok" in verified and "demographics built-in: checksum ok" in verified
    checked = own("doctor", "--json")
    assert checked.code == 1 and "this computer computes the network otherwise" in checked.out
