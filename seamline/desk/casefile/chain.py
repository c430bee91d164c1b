"""The log of a case: a chain of entries, each of which holds the digest of the one before it.

Whoever knows the digest of the last entry knows the whole log. `check` says which entry is not the one that was
written; a log that was written anew from some entry on is consistent with itself, and only a digest that was kept
elsewhere tells it apart.
"""

from __future__ import annotations

import dataclasses
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from seamline.core.errors import BadOption
from seamline.desk.casefile.plain import from_plain, to_plain
from seamline.desk.casefile.strict_json import canonical, parsed

BEGINNING = "0" * 64
"""What stands for the digest before the first entry."""

_AT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
_KIND = re.compile(r"[a-z][a-z_]{0,39}")


@dataclass(frozen=True)
class LogEntry:
    """One entry. `number` counts from 1; `at` is UTC as `instant` writes it; `kind` a short identifier such as
    `verdict`; `previous` and `digest` are 64 hexadecimal digits.

    `digest`: SHA-256 of the canonical JSON of all other fields.
    """

    number: int
    at: str
    who: str
    kind: str
    data: Mapping[str, Any]
    previous: str
    digest: str


def instant(time: datetime) -> str:
    """ISO 8601 in UTC with microseconds and Z, so that the order of texts is that of moments."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def is_instant(text: str) -> bool:
    """Whether `instant` could have written it."""
    try:
        return _AT.fullmatch(text) is not None and datetime.fromisoformat(text) is not None
    except ValueError:
        return False


def next_entry(previous: LogEntry | None, at: str, who: str, kind: str, data: Mapping[str, Any]) -> LogEntry:
    """The entry after `previous`, the first one after None.

    A clock that was set back does not turn the log's order around: such an entry gets the time of the one before it.
    Raises BadOption for a time or a kind of another form and for data that is not JSON.
    """
    if not is_instant(at):
        raise BadOption(f"{at!r} is not a time such as 2026-01-31T09:30:00.000000Z")
    if _KIND.fullmatch(kind) is None:
        raise BadOption(f"{kind!r} is not a kind of log entry such as pair_added")
    number, before, link = (
        (1, at, BEGINNING) if previous is None else (previous.number + 1, previous.at, previous.digest)
    )
    try:
        kept = parsed(canonical(dict(data)))
        entry = LogEntry(number, max(at, before), who, kind, kept, link, "")
        return dataclasses.replace(entry, digest=digest_of(entry))
    except ValueError as error:
        raise BadOption(f"the log takes JSON only: {error}") from error


def digest_of(entry: LogEntry) -> str:
    """What `digest` must be. Raises ValueError for data that is not JSON."""
    fields = to_plain(entry)
    del fields["digest"]
    return hashlib.sha256(canonical(fields)).hexdigest()


def entry_to_json(entry: LogEntry) -> str:
    """One line of `log.jsonl`, without its end: canonical JSON of all fields."""
    return canonical(to_plain(entry)).decode("utf-8")


def entry_from_json(line: str | bytes) -> LogEntry:
    """The entry of a line. Raises BadOption for a line that `entry_to_json` did not write."""
    data = line.encode("utf-8", "surrogatepass") if isinstance(line, str) else line
    try:
        entry = from_plain(LogEntry, parsed(data), "the entry")
        same = canonical(to_plain(entry)) == data
    except ValueError as error:
        raise BadOption(f"it is not a log entry: {error}") from error
    if not same:
        raise BadOption("it is not a log entry: its JSON is not in the canonical form")
    return entry
