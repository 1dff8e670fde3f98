"""What `footfall doctor` looks at of mails and alerts: what was found, and what to do, empty where all is good."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from db.session import open_database, reading
from db.writing.notices import State, listed
from footfall.config import Config
from footfall.errors import FootfallError
from notices.fonts import font_files
from notices.trial import look_at_server

LOOKED_BACK = timedelta(days=7)


def mail_found(config: Config) -> tuple[str, str]:
    """Connect to the mail server and sign in; no mail is sent.

    Raises:
        FootfallError: it cannot be used, or what reports need is not installed.
    """
    reports = any(config.mail.report_recipients(site) for site in config.sites)
    if reports:
        font_files(config.report.pdf_fonts)
    found = look_at_server(config.mail)
    if reports or any(config.mail.alert_recipients(site) for site in config.sites):
        return found, ""
    return f"{found}; nobody gets mails", "give reports_to or alerts_to under [mail]"


def notices_found(config: Config) -> tuple[str, str]:
    """Say which mails and calls were given up, may not have arrived, or wait after a failure."""
    try:
        engine = open_database(config.database_url.get_secret_value())
    except FootfallError:
        return "not known without the database", "mend that first"
    try:
        with reading(engine) as connection:
            told = listed(connection, datetime.now(UTC) - LOOKED_BACK)
    finally:
        engine.dispose()
    lost = sum(one.state in (State.FAILED, State.UNSURE) for one in told)
    stuck = [one for one in told if one.state is State.WAITING and one.attempts]
    if not lost and not stuck:
        return f"{sum(one.state is State.SENT for one in told)} sent in the last week", ""
    why = f": {stuck[-1].told}" if stuck else ""
    found = f"{lost} given up or not known to have arrived, {len(stuck)} wait for another try{why}"
    return found, "`footfall mail list` shows them, `footfall mail test` tries"
