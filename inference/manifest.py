"""Which model files there are, where they lie and whether they are still what was put there."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from platformdirs import user_data_path

from footfall.config import KEY_PATTERN
from footfall.config_errors import nearest
from footfall.errors import ModelError
from inference.selfcheck import write_check

Kind = Literal["detector", "demographics", "embedding"]
BUILT_IN = "built-in"
BUILT_IN_DIRECTORY = Path(__file__).parent / "models"


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """One model file: its name for the settings, what it does, where it lies, and its SHA-256 when it was put there."""

    name: str
    kind: Kind
    path: Path
    sha256: str

    def verify(self) -> None:
        """Raise ModelError when the file is gone or is not the one that was put there."""
        if not self.path.is_file():
            raise ModelError(f"{self.path}: the model file is gone; reinstall the program or add the model again")
        if file_sha256(self.path) != self.sha256:
            raise ModelError(
                f"{self.path}: checksum differs from the recorded one, the file is damaged or was replaced; "
                "reinstall the program, or add the model again with `footfall models add`"
            )


def user_models_directory() -> Path:
    """Return the folder for models that the user adds, the same for everybody who uses the same settings file.

    FOOTFALL_MODELS_DIR, else `models` beside the file that FOOTFALL_CONFIG names (the command line names it there),
    else, without any settings file, a folder in the user's home.
    """
    if named := os.environ.get("FOOTFALL_MODELS_DIR"):
        return Path(named)
    if settings := os.environ.get("FOOTFALL_CONFIG"):
        return Path(settings).resolve().parent / "models"
    return _home()


def strays() -> list[ModelEntry]:
    """Return the models that are found in this user's home alone, where earlier versions put them.

    Another user, like the one that a service runs as, does not see them.
    """
    if os.environ.get("FOOTFALL_MODELS_DIR") or user_models_directory() == _home():
        return []
    taken = {entry.name for entry in _read(user_models_directory())}
    return [entry for entry in _read(_home()) if entry.name not in taken]


def _home() -> Path:
    return user_data_path("mall-footfall") / "models"


def file_sha256(path: Path) -> str:
    """Return the hexadecimal SHA-256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def list_models() -> list[ModelEntry]:
    """Return the built-in models and those that the user added, in that order."""
    return _read(BUILT_IN_DIRECTORY) + _read(user_models_directory()) + strays()


def resolve_model(model: str | Path, kind: Kind) -> Path:
    """Return the file for "built-in", the name of an added model, or a path to an ONNX file; checksum verified.

    Raises:
        ModelError: no such model, another kind of model, or a wrong checksum.
    """
    if isinstance(model, Path) or model.endswith(".onnx"):
        return Path(model)
    entries = [entry for entry in list_models() if entry.kind == kind]
    for entry in entries:
        if entry.name == model:
            entry.verify()
            return entry.path
    known = [entry.name for entry in entries]
    raise ModelError(f"no {kind} model {model!r}{nearest(model, known)}; there are: {', '.join(known) or 'none'}")


def add_model(source: Path, name: str, kind: Kind) -> ModelEntry:
    """Copy an ONNX file, which the caller has loaded successfully, into the user's models under `name`.

    Its self-check is made here: what it says without graph optimisation is what it must say from now on.

    Raises:
        ModelError: the name is taken or not made of a-z, 0-9, '-' and '_', the folder cannot be written, or the
            computer computes it wrongly.
    """
    if not KEY_PATTERN.fullmatch(name) or name == BUILT_IN:
        raise ModelError(f"{name!r}: a model's name is made of a-z, 0-9, '-' and '_', and is not {BUILT_IN!r}")
    directory = user_models_directory()
    entries = _read(directory)
    if any(entry.name == name for entry in list_models() if entry not in strays()):
        raise ModelError(f"a model {name!r} is there already; choose another name")
    target = directory / f"{name}.onnx"
    try:
        directory.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
        write_check(target)
        entry = ModelEntry(name, kind, target, file_sha256(target))
        write_manifest(directory, [*entries, entry])
        _let_others_read(directory, target)
    except ModelError:
        target.unlink()
        raise
    except OSError as error:
        raise ModelError(
            f"{directory}: cannot be written ({error.strerror}); do it as the owner of that folder, or name another "
            "one in FOOTFALL_MODELS_DIR, for every service"
        ) from None
    return entry


def _let_others_read(directory: Path, target: Path) -> None:
    """Make a model readable to the user of a service, whatever mask the one who adds it has; it is no secret."""
    directory.chmod(0o755)
    for path in (*directory.glob(f"{target.stem}.*"), directory / "manifest.json"):
        path.chmod(0o644)


def record_built_in(kind: Kind, name: str = BUILT_IN) -> None:
    """Record checksum and self-check of a model in the package, after an export wrote `packaged_model(kind, name)`.

    Raises:
        ModelError: this computer computes it otherwise than its reference.
    """
    path = packaged_model(kind, name)
    write_check(path)
    others = [entry for entry in _read(BUILT_IN_DIRECTORY) if (entry.kind, entry.name) != (kind, name)]
    recorded = [*others, ModelEntry(name, kind, path, file_sha256(path))]
    write_manifest(
        BUILT_IN_DIRECTORY, sorted(recorded, key=lambda entry: (entry.kind, entry.name != BUILT_IN, entry.name))
    )


def packaged_model(kind: Kind, name: str = BUILT_IN) -> Path:
    """Return where the package keeps a model: the built-in one, or another that `footfall models use` can choose."""
    return BUILT_IN_DIRECTORY / (f"{kind}.onnx" if name == BUILT_IN else f"{kind}-{name}.onnx")


def write_manifest(directory: Path, entries: list[ModelEntry]) -> None:
    """Write manifest.json beside the model files, whole or not at all."""
    rows = [{**asdict(entry), "path": entry.path.name} for entry in entries]
    unfinished = directory / "manifest.json.tmp"
    unfinished.write_text(json.dumps({"models": rows}, indent=2) + "\n", encoding="utf-8")
    unfinished.replace(directory / "manifest.json")


def _read(directory: Path) -> list[ModelEntry]:
    path = directory / "manifest.json"
    if not path.is_file():
        return []
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))["models"]
        return [ModelEntry(row["name"], row["kind"], directory / row["path"], row["sha256"]) for row in rows]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{path}: cannot be read ({error}); delete it and add your models again") from None
