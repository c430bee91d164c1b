"""A new case."""

from __future__ import annotations

from sqlalchemy.orm import Session

from seamline.core.collection_names import check_name
from seamline.desk.cases import texts
from seamline.desk.cases.access import OPEN
from seamline.desk.cases.log import append, time_of
from seamline.desk.context import Desk
from seamline.desk.people.user import User
from seamline.desk.store.models import Case


def open_case(desk: Desk, user: User, title: str, reference: str, collection: str) -> str:
    """Its id. Raises BadOption for a title or reference that cannot be kept, NotFound for a collection that was not
    granted."""
    with desk.store.session() as session:
        return opened(session, user, title, reference, collection).id


def opened(session: Session, user: User, title: str, reference: str, collection: str) -> Case:
    """The case within a transaction that goes on. Raises what `open_case` does."""
    user.check_sees(check_name(collection))
    facts = {"title": texts.title(title), "reference": texts.reference(reference), "collection": collection}
    case = Case(**facts, status=OPEN, opened_by=user.shown)
    session.add(case)
    session.flush()
    case.opened_at = time_of(append(session, case, user.shown, "opened", {**facts, "status": OPEN}))
    return case
