"""Cases as lists show them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, true, union

from seamline.desk.cases.access import OPEN
from seamline.desk.context import Desk
from seamline.desk.people.user import User
from seamline.desk.store.models import Case, CaseEntry, CasePair, SearchRecord, Watch

PAGE = 50
"""Cases that a page lists."""

_CHOICES = 200


@dataclass(frozen=True)
class CaseLine:
    """`pairs`, `judged`: how many there are; `changed_by`, `changed_at`: of the log's last entry, as it writes them."""

    id: str
    title: str
    reference: str
    collection: str
    status: str
    pairs: int
    judged: int
    changed_by: str
    changed_at: str


def list_cases(desk: Desk, user: User, text: str = "", status: str = "", page: int = 1) -> tuple[list[CaseLine], bool]:
    """The cases of one page, the last changed first, and whether there are more.

    `text`: part of a title, a reference or an item; `status`: open or closed, "" for both.
    """
    chosen = _lines().where(_granted(user, Case.collection), _has(text.strip()))
    if status:
        chosen = chosen.where(Case.status == status)
    newest = chosen.order_by(CaseEntry.at.desc(), Case.id).offset((max(1, page) - 1) * PAGE).limit(PAGE + 1)
    with desk.store.reading() as session:
        rows: Sequence[Any] = session.execute(newest).all()
    lines = [CaseLine(*row) for row in rows]
    return lines[:PAGE], len(lines) > PAGE


def open_cases(desk: Desk, user: User) -> list[dict[str, str]]:
    """Id, title and collection of the open cases that the user sees, the latest first."""
    chosen = select(Case.id, Case.title, Case.collection).where(Case.status == OPEN, _granted(user, Case.collection))
    with desk.store.reading() as session:
        rows = session.execute(chosen.order_by(Case.opened_at.desc()).limit(_CHOICES))
        return [dict(row._mapping) for row in rows]


def known_collections(desk: Desk, user: User) -> list[str]:
    """Collections that searches, watches and cases of this desk are about."""
    columns = (Case.collection, SearchRecord.collection, Watch.originals)
    named = union(*(select(column).where(_granted(user, column)) for column in columns))
    with desk.store.reading() as session:
        return sorted(session.scalars(named))


def _lines() -> Select[*tuple[Any, ...]]:
    pairs = _counted(true())
    judged = _counted(CasePair.verdict.is_not(None))
    newest = select(func.max(CaseEntry.number)).where(CaseEntry.case_id == Case.id).correlate(Case).scalar_subquery()
    last = and_(CaseEntry.case_id == Case.id, CaseEntry.number == newest)
    shown = (Case.id, Case.title, Case.reference, Case.collection, Case.status, pairs, judged)
    return select(*shown, CaseEntry.who, CaseEntry.at).join(CaseEntry, last)


def _counted(condition: ColumnElement[bool]) -> ColumnElement[int]:
    mine = select(func.count()).select_from(CasePair).where(CasePair.case_id == Case.id, condition)
    return mine.correlate(Case).scalar_subquery()


def _granted(user: User, collection: Any) -> ColumnElement[bool]:
    granted: ColumnElement[bool] = true() if user.collections is None else collection.in_(user.collections)
    return granted


def _has(text: str) -> ColumnElement[bool]:
    if not text:
        return true()
    items = [CasePair.pair[side]["item"].as_string().icontains(text, autoescape=True) for side in ("query", "hit")]
    inside = select(CasePair.id).where(CasePair.case_id == Case.id, or_(*items)).correlate(Case).exists()
    titles = (Case.title.icontains(text, autoescape=True), Case.reference.icontains(text, autoescape=True))
    return or_(*titles, inside)
