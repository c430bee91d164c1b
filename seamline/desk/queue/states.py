"""The words of the queue's tables, and rows of them locked for a change."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from seamline.core.errors import NotFound
from seamline.desk.store.models import Suspect, Verdict

OPEN, JUDGED = "open", "judged"
"""States of a suspect."""

COPY, NOT_COPY, UNSURE = "copy", "not_copy", "unsure"
VERDICTS = (COPY, NOT_COPY, UNSURE)
"""What may be said of a suspect."""


def locked(session: Session, suspect_id: str) -> Suspect:
    """The suspect, which nobody else changes before the transaction ends. Raises NotFound."""
    suspect = session.scalar(select(Suspect).where(Suspect.id == suspect_id).with_for_update())
    if suspect is None:
        raise NotFound("there is no such suspect")
    return suspect


def standing_verdict(session: Session, suspect_id: str) -> Verdict | None:
    """The last verdict of a suspect that was not taken back."""
    standing = select(Verdict).where(Verdict.suspect_id == suspect_id, Verdict.undone_at.is_(None))
    return session.scalar(standing.order_by(Verdict.id.desc()).limit(1))
