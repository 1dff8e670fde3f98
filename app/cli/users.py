"""`footfall users`: who may sign in to the dashboard."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table
from rich.text import Text

from app.cli import tokens
from app.cli.output import ConfigOption, JsonOption, console, print_json, settings
from footfall.errors import ConfigError

if TYPE_CHECKING:
    from sqlalchemy import Engine

app = typer.Typer(help="Who may sign in to the dashboard.", no_args_is_help=True)
PASSWORD_VARIABLE = "FOOTFALL_NEW_PASSWORD"
NOBODY_YET = "nobody yet: the dashboard listens on 127.0.0.1 only; `footfall users add NAME --role admin`"
NOBODY_LEFT = "nobody any more: the dashboard stays shut until `footfall users add NAME --role admin`"


class RoleName(StrEnum):
    """What a person may do."""

    VIEWER = "viewer"
    AUDITOR = "auditor"
    ADMIN = "admin"


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="The name to sign in with; an e-mail address for OIDC.")],
    role: Annotated[
        RoleName, typer.Option("--role", help="viewer looks; auditor also counts by hand; admin does all.")
    ],
    site: Annotated[
        list[str] | None, typer.Option("--site", help="A site he may see; repeat it. Default: all.")
    ] = None,
    oidc: Annotated[bool, typer.Option("--oidc", help="No password: this person signs in through OIDC.")] = False,
    config: ConfigOption = None,
) -> None:
    """Add a person. The password is asked for, or taken from FOOTFALL_NEW_PASSWORD; it is stored hashed."""
    from app.opening import open_engine
    from dashboard.accounts.users import add_user

    engine = open_engine(settings(config))
    password = None if oidc else _new_password()
    account = add_user(engine, name, password, role.value, site or [], datetime.now(UTC))
    added = f"added {role.value} {account.name} to {_named(engine)}"
    console.print(Text(f"{added}; a dashboard that runs on it asks for the name from now on"))


@app.command("list")
def list_command(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """List the people who may sign in."""
    from app.opening import open_engine
    from db.users import accounts, had_users

    engine = open_engine(settings(config))
    people = accounts(engine)
    if as_json:
        print_json([{"name": a.name, "role": a.role, "sites": a.sites, "locked_until": a.locked_until} for a in people])
        return
    table = Table("name", "role", "sites", "signs in by", "locked until")
    for account in people:
        sites = ", ".join(account.sites) or "all"
        until = f"{account.locked_until:%Y-%m-%d %H:%M} UTC" if account.locked_until else ""
        table.add_row(Text(account.name), account.role, sites, "password" if account.password_hash else "OIDC", until)
    console.print(table if people else NOBODY_LEFT if had_users(engine) else NOBODY_YET)


@app.command()
def remove(
    name: Annotated[str, typer.Argument(help="The name of `footfall users list`.")], config: ConfigOption = None
) -> None:
    """Remove a person and the person's tokens, at once. Without any user left, the dashboard stays shut."""
    from app.opening import open_engine
    from db.users import accounts, remove_account

    engine = open_engine(settings(config))
    remove_account(engine, name)
    console.print(Text(f"removed {name}" if accounts(engine) else f"removed {name}; {NOBODY_LEFT}"))


@app.command()
def password(
    name: Annotated[str, typer.Argument(help="The name of `footfall users list`.")], config: ConfigOption = None
) -> None:
    """Give a person a new password: ends the person's sessions and frees an account that was locked."""
    from app.opening import open_engine
    from dashboard.accounts.users import change_password

    engine = open_engine(settings(config))
    change_password(engine, name, _new_password())
    console.print(Text(f"changed the password of {name}"))


app.command()(tokens.token)
app.command("tokens")(tokens.list_tokens)
app.command()(tokens.revoke)


def _named(engine: Engine) -> str:
    """Name the database so that somebody who stands in the wrong folder notices; without user and password."""
    from db.failures import masked

    url = engine.url
    is_file = url.get_backend_name() == "sqlite" and url.database
    return str(Path(url.database or "").absolute()) if is_file else masked(url)


def _new_password() -> str:
    """Ask twice at a terminal; scripts give it in the environment, where the process list does not show it."""
    if given := os.environ.get(PASSWORD_VARIABLE):
        return given
    if not console.is_terminal:
        raise ConfigError(f"there is no terminal to ask for the password; give it in {PASSWORD_VARIABLE}")
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
