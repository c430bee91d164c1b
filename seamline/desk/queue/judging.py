"""Verdicts: given by whoever has the card, taken back while the batch is open, asked for again where one was unsure."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from seamline.desk.errors import Conflict
from seamline.desk.queue.batches import open_batch
from seamline.desk.queue.claims import CLAIM, is_live
from seamline.desk.queue.said import Said
from seamline.desk.queue.states import JUDGED, OPEN, UNSURE, locked, standing_verdict
from seamline.desk.store import Store
from seamline.desk.store.models import Batch, Suspect, Verdict
from seamline.desk.store.types import now


def judge(store: Store, person: str, suspect_id: str, said: Said) -> Verdict:
    """Keep a verdict; saying the same again changes nothing.

    Raises NotFound, and Conflict where another person has the card or has judged it.
    """
    with store.session() as session:
        suspect = locked(session, suspect_id)
        if suspect.state == JUDGED:
            return _said_before(session, person, suspect, said)
        if suspect.claimed_by != person:
            raise Conflict(_whose(suspect))
        verdict = Verdict(
            suspect_id=suspect.id,
            batch_id=open_batch(session, person, suspect.originals).id,
            verdict=said.verdict,
            owner=person,
            note=said.note,
        )
        session.add(verdict)
        suspect.state, suspect.claimed_by, suspect.claimed_until = JUDGED, None, None
    return verdict


def _said_before(session: Session, person: str, suspect: Suspect, said: Said) -> Verdict:
    """The verdict that stands, where it is this one."""
    standing = standing_verdict(session, suspect.id)
    if standing is None:
        raise Conflict("this pair was judged already; go on with the next one")
    if standing.owner != person:
        raise Conflict(f"{standing.owner} has judged this pair already; your verdict was not taken")
    if standing.verdict != said.verdict:
        raise Conflict("you have judged this pair already, and otherwise; the batch's summary is where to change it")
    return standing


def _whose(suspect: Suspect) -> str:
    if suspect.claimed_by is not None and is_live(suspect, now()):
        return f"{suspect.claimed_by} has this card now; your verdict was not taken"
    return "this card was put back into the queue meanwhile; your verdict was not taken"


def undo(store: Store, person: str, suspect_id: str) -> Suspect:
    """Take the person's verdict of a suspect back, who gets the card again; done twice, it counts once.

    Raises NotFound, and Conflict where there is no such verdict, its batch is closed or somebody else has the card.
    """
    with store.session() as session:
        suspect, moment = locked(session, suspect_id), now()
        verdict = _latest_of(session, person, suspect_id)
        if verdict is None:
            raise Conflict("of this pair there is no verdict of yours that can still be taken back")
        if verdict.undone_at is None:
            _take_back(session, suspect, verdict, moment)
        elif suspect.claimed_by != person or suspect.state != OPEN:
            raise Conflict("your verdict was taken back before, and the card has gone on since")
        suspect.claimed_by, suspect.claimed_until = person, moment + CLAIM
    return suspect


def _latest_of(session: Session, person: str, suspect_id: str) -> Verdict | None:
    """In batches that are open."""
    query = select(Verdict).join(Batch, Batch.id == Verdict.batch_id)
    query = query.where(Verdict.suspect_id == suspect_id, Verdict.owner == person, Batch.closed_at.is_(None))
    return session.scalar(query.order_by(Verdict.id.desc()).limit(1).with_for_update(of=Batch))


def _take_back(session: Session, suspect: Suspect, verdict: Verdict, moment: datetime) -> None:
    standing = standing_verdict(session, suspect.id)
    if suspect.state != JUDGED or standing is None or standing.id != verdict.id:
        raise Conflict("this pair was put back into the queue for a second look, so your verdict stays as it is")
    verdict.undone_at, suspect.state = moment, OPEN


def ask_again(store: Store, suspect_id: str) -> None:
    """Put a suspect of which somebody was unsure back into the queue; what was said of it stays on record.

    Raises NotFound, and Conflict where the verdict is another one.
    """
    with store.session() as session:
        suspect = locked(session, suspect_id)
        standing = standing_verdict(session, suspect_id)
        if standing is None or standing.verdict != UNSURE:
            raise Conflict("only a pair that somebody was unsure of is put back into the queue")
        suspect.state = OPEN
