"""Changes of a case that is there. Each gives the number of the log's last entry, which the page then knows.

`known`: the last entry that the page knew of when the person began to write; a field that has changed since is a
Conflict. What is already so makes no entry.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from seamline.core.errors import BadOption
from seamline.desk.casefile.agreement import REMOVED, TAKEN
from seamline.desk.casefile.chain import LogEntry
from seamline.desk.cases import texts
from seamline.desk.cases.access import CLOSED, OPEN, case_to_change, case_to_log, pair_numbered
from seamline.desk.cases.earlier import earlier_verdicts
from seamline.desk.cases.log import append, check_unchanged, last_entry, time_of
from seamline.desk.cases.sources import judgement
from seamline.desk.context import Desk
from seamline.desk.errors import Conflict
from seamline.desk.people.user import User
from seamline.desk.queue.states import VERDICTS
from seamline.desk.store.models import Case

FACTS: Mapping[str, Callable[[Any], Any]] = {
    "title": texts.title,
    "reference": texts.reference,
    "people": texts.people,
    "notice": texts.notice,
}
"""What can be set of a case, and how it is cleaned."""


def set_fact(desk: Desk, user: User, case_id: str, field: str, value: str | list[str], known: int) -> int:
    """Title, reference, people or notice. Raises BadOption, Conflict and NotFound."""
    if field not in FACTS or isinstance(value, list) != (field == "people"):
        raise BadOption(f"what can be set of a case: {', '.join(FACTS)}")
    cleaned = FACTS[field](value)
    with _changing(desk, user, case_id) as change:
        if getattr(change.case, field) != cleaned:
            check_unchanged(change.session, change.case, known, field)
            setattr(change.case, field, cleaned)
            change.log(f"{field}_changed", {field: cleaned})
        return change.number


def set_note(desk: Desk, user: User, case_id: str, number: int, text: str, known: int) -> int:
    """The note of a pair. Raises BadOption, Conflict and NotFound."""
    cleaned = texts.note(text)
    with _changing(desk, user, case_id) as change:
        pair = pair_numbered(change.session, change.case, number)
        if pair.note != cleaned:
            check_unchanged(change.session, change.case, known, "note", number)
            pair.note = cleaned
            change.log("note_changed", {"pair": number, "note": cleaned})
        return change.number


def set_verdict(desk: Desk, user: User, case_id: str, number: int, verdict: str | None, known: int) -> int:
    """The verdict of a pair; None takes it back. Raises BadOption, Conflict and NotFound."""
    if verdict is not None and verdict not in VERDICTS:
        raise BadOption(f"a verdict is one of {', '.join(VERDICTS)}")
    with _changing(desk, user, case_id) as change:
        pair = pair_numbered(change.session, change.case, number)
        if pair.verdict != verdict:
            check_unchanged(change.session, change.case, known, "verdict", number)
            entry = change.log("verdict", {"pair": number, "verdict": verdict})
            pair.verdict = verdict
            pair.judged_by, pair.judged_at = (None, None) if verdict is None else (entry.who, time_of(entry))
        return change.number


def take_verdict(desk: Desk, user: User, case_id: str, number: int, said: int, known: int) -> int:
    """The verdict that was given in the queue, `said` by its id, with who gave it and when; its note where the pair has
    none. Raises Conflict where it is not the one that can be taken over any more, and NotFound."""
    with _changing(desk, user, case_id) as change:
        pair = pair_numbered(change.session, change.case, number)
        offered = earlier_verdicts(change.session, user, change.case, [pair]).get(number)
        if offered is None or offered.id != said:
            raise Conflict("the queue says something else of this pair by now; load the page again")
        check_unchanged(change.session, change.case, known, "verdict", number)
        told = judgement(desk, offered)
        if pair.note:
            told.pop("note", None)
        change.log(TAKEN, {"pair": number, "suspect": offered.suspect_id, **told})
        pair.suspect_id, pair.note = offered.suspect_id, told.get("note", pair.note)
        pair.verdict, pair.judged_by, pair.judged_at = told["verdict"], told["judged_by"], offered.at
        return change.number


def remove_pair(desk: Desk, user: User, case_id: str, number: int) -> int:
    """Take a pair out; the log keeps that it was there. Raises Conflict and NotFound."""
    with _changing(desk, user, case_id) as change:
        pair = pair_numbered(change.session, change.case, number)
        items = {"query": pair.pair["query"]["item"], "hit": pair.pair["hit"]["item"]}
        change.log(REMOVED, {"pair": number, **items})
        change.session.delete(pair)
        return change.number


def close(desk: Desk, user: User, case_id: str) -> int:
    """Nothing of the case can be changed then. Raises Conflict where it is closed, and NotFound."""
    with _changing(desk, user, case_id) as change:
        change.case.status = CLOSED
        change.log("closed", {"status": CLOSED})
        return change.number


def reopen(desk: Desk, user: User, case_id: str) -> int:
    """Raises Conflict where the case is open, and NotFound."""
    with desk.store.session() as session:
        case = case_to_log(session, user, case_id)
        if case.status == OPEN:
            raise Conflict("the case is open already")
        case.status = OPEN
        return append(session, case, user.shown, "reopened", {"status": OPEN}).number


@dataclass
class _Change:
    session: Session
    case: Case
    who: str
    number: int

    def log(self, kind: str, data: Mapping[str, Any]) -> LogEntry:
        entry = append(self.session, self.case, self.who, kind, data)
        self.number = entry.number
        return entry


@contextmanager
def _changing(desk: Desk, user: User, case_id: str) -> Iterator[_Change]:
    with desk.store.session() as session:
        case = case_to_change(session, user, case_id)
        last = last_entry(session, case.id)
        yield _Change(session, case, user.shown, 0 if last is None else last.number)
