"""What was said in the queue of the pairs of a case: of the same suspect, or of the same two garments.

A pair of a case is that of a suspect where one of its sides shows the listing and the other the original: the same
photo, or for a hit, whose collection is known, the same item.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from seamline.desk.people.user import User
from seamline.desk.store.models import Case, CasePair, Suspect, Verdict, Watch

Side = Mapping[str, Any]


def earlier_verdicts(session: Session, user: User, case: Case, rows: Sequence[CasePair]) -> dict[int, Verdict]:
    """The last verdict of the queue by the pair's number, where it is not what the pair holds, nor older than that.
    Only of suspects whose collections the person was granted."""
    found: dict[int, Verdict] = {}
    for said, suspect, watch in _said(session, rows):
        if user.sees(watch.originals, watch.listings):
            about = (row for row in rows if _is_same(row, case, suspect, watch) and _is_news(row, said))
            found.update((row.number, said) for row in about)
    return found


def _said(session: Session, rows: Sequence[CasePair]) -> Sequence[Any]:
    """Standing verdicts of suspects that the pairs may be about, the latest last."""
    if not rows:
        return []
    query = select(Verdict, Suspect, Watch).join(Suspect, Suspect.id == Verdict.suspect_id)
    query = query.join(Watch, Watch.id == Suspect.watch_id).where(Verdict.undone_at.is_(None), or_(*_may_be(rows)))
    return session.execute(query.order_by(Verdict.id)).all()


def _may_be(rows: Sequence[CasePair]) -> tuple[ColumnElement[bool], ...]:
    photos = {row.pair[side]["sha256"] for row in rows for side in ("query", "hit")}
    known = [row.suspect_id for row in rows if row.suspect_id is not None]
    listing, original = (Suspect.pair[side]["sha256"].as_string().in_(photos) for side in ("query", "hit"))
    items = [row.pair["hit"]["item"] for row in rows]
    return Suspect.id.in_(known), listing, original, Suspect.listing_item.in_(items), Suspect.original_item.in_(items)


def _is_same(row: CasePair, case: Case, suspect: Suspect, watch: Watch) -> bool:
    if row.suspect_id is not None:
        return row.suspect_id == suspect.id
    query, hit = row.pair["query"], row.pair["hit"]
    listing, original = suspect.pair["query"], suspect.pair["hit"]
    if _shows(query, original) and (_shows(hit, listing) or _is_item(hit, listing, case, watch.listings)):
        return True
    return _shows(query, listing) and (_shows(hit, original) or _is_item(hit, original, case, watch.originals))


def _shows(side: Side, other: Side) -> bool:
    same: bool = side["sha256"] == other["sha256"]
    return same


def _is_item(hit: Side, other: Side, case: Case, collection: str) -> bool:
    return case.collection == collection and hit["item"] == other["item"]


def _is_news(row: CasePair, said: Verdict) -> bool:
    if row.verdict is None or row.judged_at is None:
        return True
    return said.at > row.judged_at and said.verdict != row.verdict
