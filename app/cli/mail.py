"""`footfall mail`: try the mail server and the webhook, and see what was told to whom."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer
from rich.table import Column, Table
from rich.text import Text

from app.cli.output import ConfigOption, JsonOption, console, hidden, print_json, settings
from footfall.errors import ConfigError

app = typer.Typer(help="Try the mail server and the webhook; see what was told to whom.", no_args_is_help=True)
SHOWN_DAYS = 14


@app.command()
def test(
    to: Annotated[str, typer.Option("--to", help="Send a test mail to this address.")] = "",
    webhook: Annotated[bool, typer.Option("--webhook", help="Call the webhook of [alerts] with a test.")] = False,
    config: ConfigOption = None,
) -> None:
    """Send a test, and say in one line what is wrong."""
    from notices.trial import try_mail, try_webhook

    chosen = settings(config)
    if not to and not webhook:
        raise ConfigError("say --to ADDRESS for a mail, --webhook for the webhook, or both")
    now = datetime.now(UTC)
    if to:
        try_mail(chosen.mail, to, now)
        console.print(Text(f"the mail server took a test mail to {to}"))
    if webhook:
        try_webhook(chosen.alerts, now)
        console.print("the webhook took a test")


@app.command("list")
def list_(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """List the mails and calls of the last two weeks: what waits, was sent, failed, or may not have arrived."""
    from app.opening import open_engine
    from db.session import reading
    from db.writing.notices import listed

    engine = open_engine(settings(config))
    with reading(engine) as connection:
        found = listed(connection, datetime.now(UTC) - timedelta(days=SHOWN_DAYS))
    rows = [
        {
            "at": f"{one.changed_at:%Y-%m-%d %H:%M} UTC",
            "site": one.notice.site,
            "to": one.notice.recipient,
            "about": _about(one.notice.key, one.notice.content.get("summary")),
            "state": str(one.state),
            "told": hidden(one.told),
        }
        for one in found
    ]
    if as_json:
        print_json(rows)
    elif not rows:
        console.print("nothing was told in the last two weeks")
    else:
        table = Table("when", "site", "to", Column("what", overflow="fold"), "state", Column("why", overflow="fold"))
        for row in rows:
            table.add_row(*(Text(str(value)) for value in row.values()))
        console.print(table)


def _about(key: str, summary: object) -> str:
    return str(summary) if summary else key
