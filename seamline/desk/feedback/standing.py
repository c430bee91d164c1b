"""What holds of each suspect: its last verdict, of a closed batch or of a case, whichever is later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Subquery, and_, func, select, union_all
from sqlalchemy.orm import InstrumentedAttribute

from seamline.desk.context import Desk
from seamline.desk.people.user import User
from seamline.desk.queue.access import visible_watches
from seamline.desk.queue.states import COPY, UNSURE
from seamline.desk.store.models import Batch, CasePair, Suspect, Verdict, Watch


@dataclass(frozen=True)
class Chosen:
    """Which verdicts: of suspects of these originals, stated by this system; "" for all that the person may see."""

    originals: str = ""
    fingerprint: str = ""


@dataclass(frozen=True)
class Judged:
    """A suspect that somebody called a copy, or not one."""

    probability: float
    is_copy: bool


@dataclass(frozen=True)
class Verdicts:
    """`judged`: by falling probability. `unsure`: how many others there are that nobody was sure of. `suspects`: the
    probabilities of all that were found, judged or not, in the same order."""

    judged: tuple[Judged, ...]
    unsure: int
    suspects: tuple[float, ...]


@dataclass(frozen=True)
class Choices:
    """What can be chosen: originals, fingerprints, and the watches over the chosen originals."""

    originals: tuple[str, ...]
    fingerprints: tuple[str, ...]
    watches: tuple[Watch, ...]


def verdicts(desk: Desk, user: User, chosen: Chosen) -> Verdicts:
    """Those of suspects whose collections the person was granted."""
    last, which = standing(), among(desk, user, chosen)
    falling = Suspect.probability.desc()
    said = select(Suspect.probability, last.c.verdict).join(last, last.c.suspect_id == Suspect.id)
    with desk.store.reading() as session:
        rows: Sequence[Any] = session.execute(said.where(which).order_by(falling)).all()
        found = tuple(session.scalars(select(Suspect.probability).where(which).order_by(falling)))
    sure = tuple(Judged(probability, verdict == COPY) for probability, verdict in rows if verdict != UNSURE)
    return Verdicts(sure, len(rows) - len(sure), found)


def choices(desk: Desk, user: User, chosen: Chosen) -> Choices:
    """For the filters of the page."""
    watches = visible_watches(desk.store, user)
    last = standing()
    stated = (
        select(fingerprint_of(Suspect.pair)).join(last, last.c.suspect_id == Suspect.id).where(_of(watches)).distinct()
    )
    with desk.store.reading() as session:
        fingerprints = tuple(sorted(session.scalars(stated)))
    originals = tuple(dict.fromkeys(watch.originals for watch in watches))
    over = tuple(watch for watch in watches if chosen.originals in ("", watch.originals))
    return Choices(originals, fingerprints, over)


def among(desk: Desk, user: User, chosen: Chosen) -> ColumnElement[bool]:
    """The condition for suspects that are chosen and granted."""
    conditions = [_of(visible_watches(desk.store, user))]
    if chosen.originals:
        conditions.append(Suspect.originals == chosen.originals)
    if chosen.fingerprint:
        conditions.append(fingerprint_of(Suspect.pair) == chosen.fingerprint)
    return and_(*conditions)


def standing() -> Subquery:
    """suspect_id, verdict, who, at."""
    of_queue = (
        select(Verdict.suspect_id, Verdict.verdict, Verdict.owner.label("who"), Verdict.at)
        .join(Batch, Batch.id == Verdict.batch_id)
        .where(Batch.closed_at.is_not(None), Verdict.undone_at.is_(None))
    )
    of_cases = select(CasePair.suspect_id, CasePair.verdict, CasePair.judged_by, CasePair.judged_at).where(
        CasePair.suspect_id.is_not(None), CasePair.verdict.is_not(None)
    )
    said = union_all(of_queue, of_cases).subquery()
    place = func.row_number().over(partition_by=said.c.suspect_id, order_by=said.c.at.desc())
    ranked = select(said, place.label("place")).subquery()
    return select(ranked).where(ranked.c.place == 1).subquery()


def fingerprint_of(pair: InstrumentedAttribute[dict[str, Any]]) -> ColumnElement[str]:
    """Of the system that stated the figures of a pair, in a column of pairs."""
    return pair["versions"]["fingerprint"].as_string()


def _of(watches: Sequence[Watch]) -> ColumnElement[bool]:
    return Suspect.watch_id.in_([watch.id for watch in watches])
