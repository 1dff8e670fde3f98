"""A settings file with the files that it includes, read as one: which value counts, and in which file it stands.

`include = ["fleet.toml"]` at the top of a file names others, by paths that begin where the file itself lies. What the
file says counts before what it includes, a later included file before an earlier one; tables are merged key by key,
everything else is replaced.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from footfall.errors import ConfigError

INCLUDE = "include"
Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Written:
    """What a settings file and those that it includes say together.

    homes: the file of each key, of tables too: of two that say it, the one that counts.
    files: every file that was read, in the order in which they count.
    """

    values: Mapping[str, Any]
    homes: Mapping[Key, Path] = field(default_factory=dict)
    files: tuple[Path, ...] = ()

    def home(self, key: Sequence[str]) -> Path | None:
        """Return the file in which `key` stands, or the nearest table around it; None where no file has either."""
        for length in range(len(key), 0, -1):
            if (found := self.homes.get(tuple(key[:length]))) is not None:
                return found
        return None


def read_settings(path: Path) -> Written:
    """Read `path` and what it includes.

    Raises:
        ConfigError: a file is missing or not TOML, `include` is no list of files, or files include each other in a
            circle.
    """
    return _read(path, ())


def _read(path: Path, above: tuple[Path, ...]) -> Written:
    values = _read_toml(path, above)
    named = values.pop(INCLUDE, [])
    if not isinstance(named, list) or not all(isinstance(name, str) and name for name in named):
        raise ConfigError(f'{path}: include: write a list of files, like include = ["fleet.toml"]')
    chain = (*above, path)
    read = [_read(_beside(path, name, chain), chain) for name in reversed(named)]
    merged: dict[str, Any] = {}
    homes: dict[Key, Path] = {}
    files: dict[Path, None] = {path: None}
    _add(merged, homes, values, {key: path for key in _keys(values)}, ())
    for other in read:
        _add(merged, homes, other.values, other.homes, ())
        files.update(dict.fromkeys(other.files))
    return Written(merged, homes, tuple(files))


def _beside(path: Path, name: str, chain: tuple[Path, ...]) -> Path:
    """Return the file that `path` calls `name`; `chain` are the files that are being read, `path` the last."""
    found = (path.resolve() if path.is_symlink() else path).parent / name
    if found.resolve() in [one.resolve() for one in chain]:
        told = " → ".join(str(one) for one in (*chain, found))
        raise ConfigError(f"{path}: include goes in a circle: {told}; take {name!r} out of it")
    return found


def _read_toml(path: Path, above: tuple[Path, ...]) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        if above:
            raise ConfigError(
                f"{above[-1]}: include names {path}, and there is no such file; paths begin where the file that names "
                "them lies"
            ) from None
        raise ConfigError(f"{path}: no such file; `footfall init` writes one to start from") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: not valid TOML: {error}") from None


def _add(
    merged: dict[str, Any], homes: dict[Key, Path], values: Mapping[str, Any], theirs: Mapping[Key, Path], at: Key
) -> None:
    """Put into `merged` what `values` say and it does not say yet, with the files of what was put."""
    for name, value in values.items():
        key = (*at, name)
        if name not in merged:
            merged[name] = value if not isinstance(value, dict) else {}
            homes[key] = theirs[key]
        if isinstance(value, dict) and isinstance(merged[name], dict):
            _add(merged[name], homes, value, theirs, key)


def _keys(values: Mapping[str, Any], at: Key = ()) -> list[Key]:
    """Return every key of `values`, those of tables within too."""
    found: list[Key] = []
    for name, value in values.items():
        found.append((*at, name))
        if isinstance(value, dict):
            found += _keys(value, (*at, name))
    return found
