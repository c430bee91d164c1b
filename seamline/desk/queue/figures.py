"""What the page counts: what a person has done, and what is left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from seamline.desk.queue.pace import rate_per_hour
from seamline.desk.queue.states import COPY, NOT_COPY, OPEN, UNSURE
from seamline.desk.store import Store
from seamline.desk.store.models import Batch, Suspect, Verdict
from seamline.desk.store.types import now

_RECENT = timedelta(hours=1)
_SELLERS = 100
"""Sellers that are listed at once."""

_NUMBER = func.count().label("number")


@dataclass(frozen=True)
class Done:
    """A person's work. `batch`: the open one's id, None without one; the counts of verdicts are of it. `today`: in all
    queues. `per_hour`: at the pace of the last hour. `last`: the suspect whose verdict `undo` would take back."""

    batch: str | None
    copy: int
    not_copy: int
    unsure: int
    today: int
    per_hour: float | None
    last: str | None


def done(store: Store, person: str, originals: str, midnight: datetime) -> Done:
    """Of the open batch over these originals; `midnight`: when the person's day began."""
    with store.reading() as session:
        mine = select(Batch.id).where(Batch.owner == person, Batch.originals == originals, Batch.closed_at.is_(None))
        batch = session.scalar(mine)
        counts = counts_of(session, batch)
        words = (counts.get(COPY, 0), counts.get(NOT_COPY, 0), counts.get(UNSURE, 0))
        return Done(batch, *words, *_pace(session, person, midnight), _last(session, batch))


def counts_of(session: Session, batch: str | None) -> dict[str, int]:
    """How often each verdict stands in a batch."""
    query = select(Verdict.verdict, _NUMBER).where(Verdict.batch_id == batch, Verdict.undone_at.is_(None))
    return {row.verdict: row.number for row in session.execute(query.group_by(Verdict.verdict))}


def _pace(session: Session, person: str, midnight: datetime) -> tuple[int, float | None]:
    mine = (Verdict.owner == person, Verdict.undone_at.is_(None))
    today = session.scalar(select(_NUMBER).where(*mine, Verdict.at >= midnight)) or 0
    recent = session.scalars(select(Verdict.at).where(*mine, Verdict.at >= now() - _RECENT)).all()
    return today, rate_per_hour(recent)


def _last(session: Session, batch: str | None) -> str | None:
    query = select(Verdict.suspect_id).where(Verdict.batch_id == batch, Verdict.undone_at.is_(None))
    return session.scalar(query.order_by(Verdict.id.desc()).limit(1))


@dataclass(frozen=True)
class Left:
    """What is open in a queue. `sellers`: with their numbers, most first, as many as a page lists."""

    suspects: int
    sellers: tuple[tuple[str, int], ...]


def left(store: Store, watch: str, named: str = "") -> Left:
    """`named`: only sellers whose name holds this text, whatever its case."""
    is_open = (Suspect.watch_id == watch, Suspect.state == OPEN)
    query = select(Suspect.seller, _NUMBER).where(*is_open).group_by(Suspect.seller)
    if named:
        query = query.where(Suspect.seller.icontains(named, autoescape=True))
    with store.reading() as session:
        suspects = session.scalar(select(_NUMBER).where(*is_open)) or 0
        sellers = session.execute(query.order_by(_NUMBER.desc(), Suspect.seller).limit(_SELLERS)).all()
    return Left(suspects, tuple((row.seller, row.number) for row in sellers))


def left_of(store: Store, watches: list[str]) -> dict[str, int]:
    """How many suspects are open in each queue."""
    query = select(Suspect.watch_id, _NUMBER).where(Suspect.watch_id.in_(watches), Suspect.state == OPEN)
    with store.reading() as session:
        found = {row.watch_id: row.number for row in session.execute(query.group_by(Suspect.watch_id))}
    return {watch: found.get(watch, 0) for watch in watches}
