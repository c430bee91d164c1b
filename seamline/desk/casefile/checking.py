"""Which entries of a log are not those that were written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from seamline.desk.casefile.chain import BEGINNING, LogEntry, digest_of, is_instant


@dataclass(frozen=True)
class Finding:
    """What is wrong with the log entry `number`, as a sentence that names it."""

    number: int
    sentence: str


def check(entries: Sequence[LogEntry]) -> tuple[Finding, ...]:
    """Entries that were altered, inserted, put out of order or removed, and times that go backwards.

    A log that was cut at its end is a log: what it ended with must be known from elsewhere.
    """
    twice = _inserted(entries)
    once = [entry for place, entry in enumerate(entries) if place not in twice]
    in_order = sorted(once, key=lambda entry: entry.number)
    inserted = [
        Finding(entries[n].number, f"log entry {entries[n].number} was inserted: there is another") for n in twice
    ]
    return (
        *_altered(entries),
        *inserted,
        *_out_of_order(once),
        *_missing(in_order),
        *_unlinked(in_order),
        *_backwards(in_order),
    )


def _altered(entries: Sequence[LogEntry]) -> Iterator[Finding]:
    for entry in entries:
        if not _has_its_digest(entry):
            yield Finding(entry.number, f"log entry {entry.number} was altered: its digest is not that of its content")
        elif entry.number < 1 or not is_instant(entry.at):
            yield Finding(entry.number, f"log entry {entry.number} was altered: its number or its time is none")


def _has_its_digest(entry: LogEntry) -> bool:
    try:
        return digest_of(entry) == entry.digest
    except ValueError:
        return False


def _inserted(entries: Sequence[LogEntry]) -> tuple[int, ...]:
    """Places of entries whose number stands twice, but for the one that another entry follows."""
    followed = {entry.previous for entry in entries}
    kept: dict[int, int] = {}
    for place, entry in enumerate(entries):
        before = kept.setdefault(entry.number, place)
        if entries[before].digest not in followed and entry.digest in followed:
            kept[entry.number] = place
    return tuple(sorted(set(range(len(entries))) - set(kept.values())))


def _out_of_order(entries: Sequence[LogEntry]) -> Iterator[Finding]:
    highest = 0
    for entry in entries:
        if entry.number < highest:
            yield Finding(
                entry.number, f"log entry {entry.number} is out of order: it stands after log entry {highest}"
            )
        highest = max(highest, entry.number)


def _missing(in_order: Sequence[LogEntry]) -> Iterator[Finding]:
    for before, after in pairwise([0, *(entry.number for entry in in_order)]):
        first, last = before + 1, after - 1
        if first == last:
            yield Finding(first, f"log entry {first} is missing")
        elif first < last:
            yield Finding(first, f"log entries {first} to {last} are missing")


def _unlinked(in_order: Sequence[LogEntry]) -> Iterator[Finding]:
    if in_order and in_order[0].number == 1 and in_order[0].previous != BEGINNING:
        yield Finding(1, "log entry 1 follows another entry that is not there")
    for before, after in pairwise(in_order):
        if after.number == before.number + 1 and after.previous != before.digest:
            yield Finding(
                before.number,
                f"log entry {before.number} is not the one that log entry {after.number} was written after",
            )


def _backwards(in_order: Sequence[LogEntry]) -> Iterator[Finding]:
    for before, after in pairwise(in_order):
        if after.at < before.at:
            yield Finding(after.number, f"log entry {after.number} has an earlier time than log entry {before.number}")
