"""`footfall users token`: tokens with which programs read the numbers (`footfall api`)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from app.cli.output import ConfigOption, JsonOption, console, print_json, problems, settings

NONE_YET = "no token yet; `footfall users token NAME` makes one"


def token(
    name: Annotated[str, typer.Argument(help="Whose sites the token may read; a viewer is enough.")],
    label: Annotated[str, typer.Option("--label", help="What it is for.")] = "",
    expires: Annotated[
        int | None, typer.Option("--expires", min=1, max=3650, help="Days until it expires. Default: never.")
    ] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a token for a program and print it, this once: only a hash of it is stored."""
    from app.opening import open_engine
    from db.tokens import add_token

    made = add_token(open_engine(settings(config)), name, label, expires, datetime.now(UTC))
    if as_json:
        print_json({"token": made, "user": name, "label": label, "days": expires})
        return
    typer.echo(made)
    until = "until it is revoked" if expires is None else f"for {expires} days"
    problems.print(Text(f"a token of {name}, good {until}; it is not shown again"))


def list_tokens(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """List the tokens: whose they are, what for, and until when. What was printed once is not stored."""
    from app.opening import open_engine
    from db.tokens import tokens

    now = datetime.now(UTC)
    found = tokens(open_engine(settings(config)))
    if as_json:
        names = ("number", "user", "label", "created_at", "expires_at", "revoked_at")
        print_json([{name: getattr(one, name) for name in names} | {"holds": one.holds(now)} for one in found])
        return
    table = Table("number", "user", "label", "made", "state")
    for one in found:
        state = "good until it is revoked"
        if one.expires_at is not None:
            state = f"{'good until' if one.holds(now) else 'expired'} {one.expires_at:%Y-%m-%d}"
        if one.revoked_at is not None:
            state = f"revoked {one.revoked_at:%Y-%m-%d}"
        table.add_row(str(one.number), Text(one.user), Text(one.label), f"{one.created_at:%Y-%m-%d}", state)
    console.print(table if found else NONE_YET)


def revoke(
    number: Annotated[int, typer.Argument(help="The number of `footfall users tokens`.")], config: ConfigOption = None
) -> None:
    """Make a token worthless at once."""
    from app.opening import open_engine
    from db.tokens import revoke_token

    revoked = revoke_token(open_engine(settings(config)), number, datetime.now(UTC))
    console.print(Text(f"revoked token {revoked.number} of {revoked.user}"))
