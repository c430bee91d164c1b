"""All judged pairs that a person may see, of the queue and of cases."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import IO, Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from seamline.desk.context import Desk
from seamline.desk.feedback.labelled import Labelled, write_csv
from seamline.desk.feedback.standing import Chosen, among, fingerprint_of, standing
from seamline.desk.people.user import User
from seamline.desk.queue.states import UNSURE
from seamline.desk.store.models import Case, CasePair, Suspect

_ROWS = 500
"""Read at once: a pair has some kilobytes."""


def labelled_csv(desk: Desk, user: User, chosen: Chosen) -> IO[bytes]:
    """The file of `write_csv` with the pairs that are chosen and granted."""
    which = among(desk, user, chosen)
    with desk.store.reading() as session:
        searched = _searched(session, user, chosen)
        names = dict.fromkeys(_part_names(row.pair) for row in searched)
        names |= dict.fromkeys(map(_part_names, _samples(session, which)))
        parts = list(dict.fromkeys(name for row in names for name in row))
        return write_csv(_all(_suspected(session, desk, which), searched), parts)


def _all(suspected: Iterator[Labelled], searched: list[Labelled]) -> Iterator[Labelled]:
    yield from suspected
    yield from searched


def _suspected(session: Session, desk: Desk, which: Any) -> Iterator[Labelled]:
    last = standing()
    said = select(Suspect.pair, last.c.verdict, last.c.who, last.c.at).join(last, last.c.suspect_id == Suspect.id)
    sure = said.where(which, last.c.verdict != UNSURE).order_by(last.c.at, Suspect.id)
    for row in session.execute(sure.execution_options(yield_per=_ROWS)):
        yield Labelled("queue", row.pair, row.verdict, desk.settings.shown_name(row.who), row.at)


def _searched(session: Session, user: User, chosen: Chosen) -> list[Labelled]:
    """Of the same two garments in several cases, the last verdict."""
    told = select(CasePair.pair, CasePair.verdict, CasePair.judged_by, CasePair.judged_at).join(Case)
    said = told.where(CasePair.suspect_id.is_(None), CasePair.verdict.is_not(None))
    if chosen.originals:
        said = said.where(Case.collection == chosen.originals)
    if chosen.fingerprint:
        said = said.where(fingerprint_of(CasePair.pair) == chosen.fingerprint)
    if user.collections is not None:
        said = said.where(Case.collection.in_(user.collections))
    rows: Sequence[Any] = session.execute(said.order_by(CasePair.judged_at)).all()
    last = {_garments(row.pair): Labelled("case", *row) for row in rows}
    return [labelled for labelled in last.values() if labelled.verdict != UNSURE]


def _garments(pair: Mapping[str, Any]) -> tuple[Any, ...]:
    sides = ((pair[side]["sha256"], *pair[side]["box"]) for side in ("query", "hit"))
    return (*sides, pair["versions"]["fingerprint"])


def _samples(session: Session, which: Any) -> Iterator[Mapping[str, Any]]:
    """A pair of each system, which all its others are like."""
    one_each = select(func.min(Suspect.id)).where(which).group_by(fingerprint_of(Suspect.pair))
    yield from session.scalars(select(Suspect.pair).where(Suspect.id.in_(one_each)))


def _part_names(pair: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(part["name"] for part in pair["parts"])
