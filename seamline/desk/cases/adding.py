"""A pair is taken into a case, with copies of its photos."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from seamline.core.errors import BadOption
from seamline.desk.casefile.agreement import ADDED
from seamline.desk.cases import texts
from seamline.desk.cases.access import case_to_change, pairs_of
from seamline.desk.cases.copies import CopiedPhoto, copy_photos
from seamline.desk.cases.log import append
from seamline.desk.cases.opening import opened
from seamline.desk.cases.sources import SourcePair
from seamline.desk.context import Desk
from seamline.desk.errors import Conflict
from seamline.desk.pairs import Pair
from seamline.desk.people.user import User
from seamline.desk.store.models import Case, CaseEntry, CasePair

Copies = tuple[CopiedPhoto, CopiedPhoto]


def add_pair(
    desk: Desk, user: User, found: SourcePair, case_id: str | None = None, title: str | None = None
) -> tuple[str, int]:
    """Take the pair into a case, a new one without `case_id`; the case's id and the pair's number in it.

    Raises NotFound for a case that the user may not see, Conflict for one that is closed or has the pair already,
    BadOption for one that is about another collection, Unavailable where the photos cannot be saved.
    """
    copies = copy_photos(desk, found.pair)
    with desk.store.session() as session:
        if case_id is None:
            case = opened(session, user, title or _title(found.pair), "", found.collection)
        else:
            case = case_to_change(session, user, case_id)
            _check_fits(session, case, found)
        return case.id, _add(session, case, user, found, copies)


def _title(pair: Pair) -> str:
    return f"{pair.query.item} and {pair.hit.item}"[: texts.LONGEST_TITLE]


def _check_fits(session: Session, case: Case, found: SourcePair) -> None:
    if case.collection != found.collection:
        raise BadOption(
            f"that case is about the collection {case.collection}, this pair about {found.collection}; take it into "
            "another case"
        )
    there = next((row for row in pairs_of(session, case) if _sides(row.pair) == _sides(found.pair.to_data())), None)
    if there is not None:
        raise Conflict(f"the case has these two garments already, as its pair {there.number}")


def _sides(pair: Mapping[str, Any]) -> tuple[tuple[Any, ...], ...]:
    return tuple((pair[side]["item"], pair[side]["sha256"], *pair[side]["box"]) for side in ("query", "hit"))


def _add(session: Session, case: Case, user: User, found: SourcePair, copies: Copies) -> int:
    number = _next_number(session, case)
    append(session, case, user.shown, ADDED, _stated(number, found, copies))
    session.add(_row(case, number, found, copies))
    return number


def _next_number(session: Session, case: Case) -> int:
    """A number is never given twice, also where its pair was removed."""
    added = select(func.count()).where(CaseEntry.case_id == case.id, CaseEntry.kind == ADDED)
    return (session.scalar(added) or 0) + 1


def _stated(number: int, found: SourcePair, copies: Copies) -> dict[str, Any]:
    sides = zip(("query", "hit"), (found.pair.query, found.pair.hit), copies, strict=True)
    photos = {f"{name}_photo": copy.missing or side.sha256 for name, side, copy in sides}
    items = {"query": found.pair.query.item, "hit": found.pair.hit.item}
    figures = {"score": found.pair.score, "probability": found.pair.probability}
    return {"pair": number, **items, **photos, **figures, **found.source, **found.judged}


def _row(case: Case, number: int, found: SourcePair, copies: Copies) -> CasePair:
    query, hit = copies
    judged_at = found.judged.get("judged_at")
    return CasePair(
        case_id=case.id,
        number=number,
        query_sha256=query.sha256,
        hit_sha256=hit.sha256,
        query_missing=query.missing,
        hit_missing=hit.missing,
        pair=found.pair.to_data(),
        answer=dict(found.answer),
        suspect_id=found.source.get("suspect"),
        verdict=found.judged.get("verdict"),
        judged_by=found.judged.get("judged_by"),
        judged_at=None if judged_at is None else datetime.fromisoformat(judged_at),
        note=found.judged.get("note", ""),
    )
