"""An audit in words, the same on the phone, on the dashboard and on the command line."""

from __future__ import annotations

from typing import Any

from analytics.audit_words import LIGHT_CHANGES, confusion_sentences, details, narrowing_sentence, recall_sentence
from reports.audits import SETTLES_WITHIN, CheckedAudit

STILL_COMING = (
    "The last visits of the cameras may still be on their way: this is final "
    f"{SETTLES_WITHIN.seconds // 60} minutes after the end."
)
MINUTES_ONLY = "A sheet knows minutes, not seconds: who was missed and who was counted falsely is told apart roughly."


def told(checked: CheckedAudit) -> dict[str, Any]:
    """Return an audit as JSON: the headline, further sentences, why it is void ("" : it counts), and its numbers."""
    comparison = checked.comparison
    if comparison is None:
        return {"headline": "", "sentences": [], "void": checked.void}
    return {
        "headline": recall_sentence(comparison.total, len(checked.stored.setups or {})),
        "sentences": sentences(checked),
        "void": checked.void,
    }


def sentences(checked: CheckedAudit) -> list[str]:
    """Return what is to be said below the headline."""
    comparison, stored = checked.comparison, checked.stored
    if comparison is None:
        return []
    found = [*details(comparison), *confusion_sentences(comparison), narrowing_sentence(comparison.total)]
    if not checked.is_final:
        found.append(STILL_COMING)
    if stored.audit.precision_s > 1:
        found.append(MINUTES_ONLY)
    found.append(LIGHT_CHANGES)
    return [sentence for sentence in found if sentence]
