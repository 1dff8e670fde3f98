"""Mails in words: the report of a day with its page and table, alerts, and the test."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from hashlib import sha256
from html import escape

from dashboard.wording import duration
from footfall.config_notices import split_sender
from notices.day import DayTold

STYLE = "font-family:sans-serif;font-size:15px;line-height:1.45;color:#1F2A37"
COMPLETENESS_FIRST = "This day is {state}."


@dataclass(frozen=True, slots=True)
class Envelope:
    """From whom to whom, by which stable name, and when it was first to be sent: the same mail has the same head."""

    sender: str
    recipient: str
    key: str
    created_at: datetime

    @property
    def message_id(self) -> str:
        """Return an id by which servers and readers know a mail that they have already."""
        domain = split_sender(self.sender)[1].rpartition("@")[2] or "localhost"
        digest = sha256("\n".join((self.key, self.recipient)).encode()).hexdigest()
        return f"<{digest[:32]}@{domain}>"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of a mail: its name, its type like "application/pdf", its bytes."""

    name: str
    kind: str
    content: bytes


def report_letter(
    envelope: Envelope, told: DayTold, attachments: Sequence[Attachment], revised_because: str
) -> EmailMessage:
    """Return the mail about a day; `revised_because` is empty unless this recipient had an earlier revision."""
    paragraphs = []
    subject = told.subject
    if revised_because:
        subject = f"Revised: {subject}"
        paragraphs.append([f"This report replaces the one that you had of this day: {revised_because}."])
    paragraphs.append([f"{told.label} · {told.about}", COMPLETENESS_FIRST.format(state=told.state)])
    paragraphs.append([*told.sentences, *told.notes])
    changes = {one.name: f" ({one.change} vs {told.before})" if one.change else "" for one in told.numbers}
    paragraphs.append([f"{one.name}: {one.value}{changes[one.name]}" for one in told.numbers])
    if told.gaps:
        paragraphs.append([f"Not watched: {gap.camera}, {duration(gap.lost_s)} ({gap.reason})" for gap in told.gaps])
    if told.simulated:
        paragraphs.insert(0, ["Simulated data: these numbers were invented, nobody was counted."])
    if attachments:
        paragraphs.append([f"Attached: {', '.join(one.name for one in attachments)}"])
    return letter(envelope, subject, paragraphs, attachments)


def letter(
    envelope: Envelope, subject: str, paragraphs: Sequence[Sequence[str]], attachments: Sequence[Attachment] = ()
) -> EmailMessage:
    """Return a mail in plain text and simple HTML; a paragraph is a list of lines."""
    message = EmailMessage()
    message["Subject"] = "".join(sign if sign.isprintable() else " " for sign in " ".join(subject.split()))[:200]
    name, address = split_sender(envelope.sender)
    user, _, domain = address.rpartition("@")
    message["From"] = Address(name, user, domain)  # which quotes a comma in the name
    message["To"] = envelope.recipient
    message["Date"] = format_datetime(envelope.created_at)
    message["Message-ID"] = envelope.message_id
    message["Auto-Submitted"] = "auto-generated"
    message.set_content("\n\n".join("\n".join(lines) for lines in paragraphs) + "\n")
    html = "".join(f"<p>{'<br>'.join(map(escape, lines))}</p>" for lines in paragraphs)
    message.add_alternative(f'<div style="{STYLE}">{html}</div>\n', subtype="html")
    for one in attachments:
        main, _, sub = one.kind.partition("/")
        message.add_attachment(one.content, maintype=main, subtype=sub, filename=one.name)
    for number, part in enumerate(message.walk()):
        if part.is_multipart():
            part.set_boundary(f"=_{envelope.message_id[1:33]}_{number}")
    return message
