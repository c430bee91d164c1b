"""Which case somebody may look at or change, and the lock under which it is changed."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from seamline.core.errors import NotFound
from seamline.desk.errors import Conflict
from seamline.desk.people.user import User
from seamline.desk.store.models import Case, CasePair

OPEN, CLOSED = "open", "closed"


def case_to_show(session: Session, user: User, case_id: str) -> Case:
    """The case, which nobody changes until the transaction ends. Raises NotFound for none that the user may see."""
    return _granted(session.scalar(select(Case).where(Case.id == case_id).with_for_update(read=True)), user)


def case_to_log(session: Session, user: User, case_id: str) -> Case:
    """The case, locked: entries may be appended to its log, whether it is closed or not. Raises NotFound."""
    return _granted(session.scalar(select(Case).where(Case.id == case_id).with_for_update()), user)


def case_to_change(session: Session, user: User, case_id: str) -> Case:
    """The case, locked. Raises NotFound, and Conflict for one that is closed."""
    case = case_to_log(session, user, case_id)
    if case.status != OPEN:
        raise Conflict("the case is closed; open it again to change it")
    return case


def pairs_of(session: Session, case: Case) -> list[CasePair]:
    """Its pairs by their numbers."""
    return list(session.scalars(select(CasePair).where(CasePair.case_id == case.id).order_by(CasePair.number)))


def pair_numbered(session: Session, case: Case, number: int) -> CasePair:
    """One of them. Raises NotFound."""
    found = session.scalar(select(CasePair).where(CasePair.case_id == case.id, CasePair.number == number))
    if found is None:
        raise NotFound(f"the case has no pair {number}")
    return found


def _granted(case: Case | None, user: User) -> Case:
    if case is None or not user.sees(case.collection):
        raise NotFound("there is no such case, or it was not granted to you")
    return case
