"""Commands in README, docs and comments of deploy are commands that the program has, with everything they need."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.core import TyperCommand, TyperGroup
from typer.exceptions import TyperException

from app.cli.root import app

ROOT = Path(__file__).parents[4]
DOCUMENTS = sorted([ROOT / "README.md", *(ROOT / "docs").glob("**/*.md")])
COMMAND = re.compile(r"^ {4}(?:\.venv/bin/)?(footfall [a-z].*)$", re.MULTILINE)
INLINE = re.compile(r"`(?:\.venv/bin/)?(footfall [a-z][^`]*)`")
PLACEHOLDERS = {"NUMBER": "1", "DAYS": "30", "DAY": "2026-03-28", "CHOICE": "viewer"}


def variants(line: str) -> list[list[str]]:
    """Return the commands that a documented line stands for: alternatives one by one, what is optional given."""
    line = re.sub(r"\s{2,}#? .*$|\s#\s.*$", "", line)  # what it does stands behind it
    first, *others = line.replace("...", "").split(" | ")
    program, group = first.split()[:2]
    lines = [first, *(f"{program} {group} {other.removeprefix(f'{group} ')}" for other in others)]
    optional = [re.sub(r"[\[\]]", "", one) for one in lines]
    chosen = [re.sub(r"([\w-]+)(\|[\w-]+)+", lambda found: found[1], one) for one in optional]
    return [[PLACEHOLDERS.get(word, word) for word in shlex.split(one)[1:]] for one in chosen]


def group_or_command_of(words: list[str]) -> tuple[Any, list[str]]:
    """Return what `words` name at most, as texts speak of it: `footfall users` is a group."""
    found: Any = typer.main.get_command(app)
    left = list(words)
    while isinstance(found, TyperGroup) and left:
        name = left.pop(0)
        assert name in found.commands, f"{' '.join(words)}: there is no {name}"
        found = found.commands[name]
    return found, left


def command_of(words: list[str]) -> tuple[TyperCommand, list[str]]:
    """Return the command that `words` begin with, and what is left for it."""
    found, left = group_or_command_of(words)
    assert isinstance(found, TyperCommand), f"{' '.join(words)}: which of {sorted(found.commands)}?"
    return found, left


def names_what_is_there(words: list[str]) -> None:
    """Check that command and options exist; an alternative or a word within a text need not be whole."""
    command, left = group_or_command_of(words)
    known = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
    unknown = {word.partition("=")[0] for word in left if word.startswith("--")} - known
    assert not unknown, f"{' '.join(words)}: {unknown}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_documented_command_is_one_that_the_program_takes(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    for line in COMMAND.findall(text):
        first, *others = variants(line)
        command, left = command_of(first)
        try:
            command.make_context("footfall", left)
        except TyperException as error:
            pytest.fail(f"{line}: {error.format_message()}")
        for words in others:
            names_what_is_there(words)
    for line in INLINE.findall(text):
        for words in variants(line):
            names_what_is_there(words)
