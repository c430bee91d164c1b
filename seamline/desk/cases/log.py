"""A case's log in the store. Whoever appends to it has locked its case, so that no two entries follow the same one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from seamline.desk.casefile.chain import LogEntry, instant, next_entry
from seamline.desk.casefile.plain import to_plain
from seamline.desk.errors import Conflict
from seamline.desk.store.models import Case, CaseEntry
from seamline.desk.store.types import now


def append(session: Session, case: Case, who: str, kind: str, data: Mapping[str, Any]) -> LogEntry:
    """The next entry of a locked case. Raises BadOption for data that is not JSON."""
    entry = next_entry(last_entry(session, case.id), instant(now()), who, kind, data)
    session.add(CaseEntry(case_id=case.id, **to_plain(entry)))
    return entry


def time_of(entry: LogEntry) -> datetime:
    """When it was written."""
    return datetime.fromisoformat(entry.at)


def last_entry(session: Session, case_id: str) -> LogEntry | None:
    """None before the first one."""
    newest = select(CaseEntry).where(CaseEntry.case_id == case_id).order_by(CaseEntry.number.desc()).limit(1)
    row = session.scalar(newest)
    return None if row is None else _entry(row)


def entries(session: Session, case_id: str, after: int = 0) -> tuple[LogEntry, ...]:
    """Those whose number is larger than `after`, in their order."""
    later = (CaseEntry.case_id == case_id, CaseEntry.number > after)
    return tuple(map(_entry, session.scalars(select(CaseEntry).where(*later).order_by(CaseEntry.number))))


def check_unchanged(session: Session, case: Case, known: int, field: str, pair: int | None = None) -> None:
    """Raises Conflict where an entry after number `known` states the field, of the case or of a pair."""
    for entry in entries(session, case.id, known):
        if field in entry.data and entry.data.get("pair") == pair:
            raise Conflict(
                f"{entry.who} has changed the {field} since you opened this page; yours was not saved and is still here"
            )


def _entry(row: CaseEntry) -> LogEntry:
    return LogEntry(row.number, row.at, row.who, row.kind, row.data, row.previous, row.digest)
