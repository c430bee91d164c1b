"""What a batch comes to, before it is closed and after; and the pairs that wait for a second look."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import aliased

from seamline.desk.queue.cards import Card, card_of
from seamline.desk.queue.pace import rate_per_hour
from seamline.desk.queue.states import JUDGED, UNSURE, VERDICTS
from seamline.desk.store import Store
from seamline.desk.store.models import Batch, Suspect, Verdict

PAGE = 100
"""Verdicts of a page."""


@dataclass(frozen=True)
class Judged:
    """One verdict of a list."""

    card: Card
    verdict: str
    note: str
    owner: str
    at: datetime


@dataclass(frozen=True)
class Summary:
    """`counts`: of each verdict; `sellers`: the same for each seller, by name; `per_hour`: None for too few."""

    counts: dict[str, int]
    sellers: dict[str, dict[str, int]]
    per_hour: float | None

    @property
    def verdicts(self) -> int:
        """Of all kinds."""
        return sum(self.counts.values())


def summary_of(store: Store, batch_id: str) -> Summary:
    """The figures of a batch."""
    query = select(Suspect.seller, Verdict.verdict, Verdict.at).join(Suspect, Suspect.id == Verdict.suspect_id)
    query = query.where(Verdict.batch_id == batch_id, Verdict.undone_at.is_(None))
    with store.reading() as session:
        rows = session.execute(query).all()
    counted = Counter((seller, verdict) for seller, verdict, _ in rows)
    sellers = {
        seller: {verdict: counted[seller, verdict] for verdict in VERDICTS}
        for seller in sorted({seller for seller, _, _ in rows})
    }
    counts = {verdict: sum(numbers[verdict] for numbers in sellers.values()) for verdict in VERDICTS}
    return Summary(counts, sellers, rate_per_hour([at for _, _, at in rows]))


def verdicts_of(store: Store, batch_id: str, page: int) -> list[Judged]:
    """The verdicts of a page from 1, the latest first."""
    query = _judged().where(Verdict.batch_id == batch_id)
    return _listed(store, query.offset((page - 1) * PAGE))


def unsure_of(store: Store, watch: str) -> list[Judged]:
    """The pairs of a queue that somebody was unsure of and nobody has judged since, the latest first."""
    later = aliased(Verdict)
    is_later = (later.suspect_id == Suspect.id, later.undone_at.is_(None), later.id > Verdict.id)
    query = _judged().where(Verdict.verdict == UNSURE, Suspect.watch_id == watch, Suspect.state == JUDGED)
    return _listed(store, query.where(~exists().where(*is_later)))


def batches_of(store: Store, person: str, most: int = 12) -> list[Batch]:
    """The person's batches, the latest first."""
    query = select(Batch).where(Batch.owner == person).order_by(Batch.opened_at.desc()).limit(most)
    with store.reading() as session:
        return list(session.scalars(query).all())


def _judged() -> Select[Verdict, Suspect]:
    query = select(Verdict, Suspect).join(Suspect, Suspect.id == Verdict.suspect_id)
    return query.where(Verdict.undone_at.is_(None)).order_by(Verdict.id.desc()).limit(PAGE)


def _listed(store: Store, query: Select[Verdict, Suspect]) -> list[Judged]:
    with store.reading() as session:
        rows = session.execute(query).all()
    return [
        Judged(card_of(suspect), verdict.verdict, verdict.note, verdict.owner, verdict.at) for verdict, suspect in rows
    ]
