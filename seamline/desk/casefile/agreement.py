"""Where the log and the case state the same fact, they must state the same.

An entry states a fact by a key of its data. Without `pair`: `title`, `reference`, `status`, `collection`, `notice` are
those of the case. With `pair`, the number of one: `verdict` is its verdict, by the entry's `who` and at its time unless
`judged_by` and `judged_at` say who gave it before it came into the case, and `note` its note; `pair_added` and
`pair_removed` are the kinds of entries that say whether it is there. The last entry that states a fact counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from seamline.desk.casefile.chain import LogEntry
from seamline.desk.casefile.model import CaseFacts, CasePair

OF_THE_CASE = ("title", "reference", "status", "collection", "notice")
OF_A_PAIR = ("verdict", "note")
ADDED, REMOVED = "pair_added", "pair_removed"
TAKEN = "verdict_taken_over"
"""The kind of an entry by which a pair gets a verdict that was given elsewhere."""

Stated = tuple[int | None, str]
"""The pair that a statement is about, None for the case, and what it states."""

_PRESENCE = "presence"
_NOBODY = (None, None, None)


def disagreements(facts: CaseFacts, pairs: Sequence[CasePair], log: Sequence[LogEntry]) -> tuple[str, ...]:
    """A sentence for each fact that case.json and the log state differently."""
    stated = _last_statements(log)
    of_pairs = (sentence for pair in pairs for sentence in _of_pair(pair, stated))
    return (*_of_case(facts, stated), *_of_presence({pair.number for pair in pairs}, stated), *of_pairs)


def _last_statements(log: Sequence[LogEntry]) -> dict[Stated, LogEntry]:
    found: dict[Stated, LogEntry] = {}
    for entry in log:
        pair = entry.data.get("pair")
        if type(pair) is int:
            names = [name for name in OF_A_PAIR if name in entry.data]
            found.update({(pair, name): entry for name in names})
            if entry.kind in (ADDED, REMOVED):
                found[pair, _PRESENCE] = entry
        else:
            found.update({(None, name): entry for name in OF_THE_CASE if name in entry.data})
    return found


def _of_case(facts: CaseFacts, stated: Mapping[Stated, LogEntry]) -> Iterator[str]:
    for name in OF_THE_CASE:
        entry = stated.get((None, name))
        if entry is not None and entry.data[name] != getattr(facts, name):
            yield f"case.json has another {name} than log entry {entry.number}"


def _of_presence(there: set[int], stated: Mapping[Stated, LogEntry]) -> Iterator[str]:
    last = {pair: entry for (pair, name), entry in stated.items() if name == _PRESENCE and pair is not None}
    for pair, entry in last.items():
        if (entry.kind == ADDED) != (pair in there):
            done = "added" if entry.kind == ADDED else "removed"
            yield f"log entry {entry.number} says that pair {pair} was {done}, case.json does not"
    for pair in sorted(there - set(last)):
        yield f"case.json has the pair {pair}, which no log entry says was added"


def _of_pair(pair: CasePair, stated: Mapping[Stated, LogEntry]) -> Iterator[str]:
    judged, noted = stated.get((pair.number, "verdict")), stated.get((pair.number, "note"))
    if _judgement(judged) != (pair.verdict, pair.judged_by, pair.judged_at):
        where = "the log, by which nobody has judged it" if judged is None else f"log entry {judged.number}"
        yield f"pair {pair.number} has another verdict, judge or time of judging in case.json than in {where}"
    if pair.note != ("" if noted is None else noted.data["note"]):
        where = "the log, by which it has none" if noted is None else f"log entry {noted.number}"
        yield f"pair {pair.number} has another note in case.json than in {where}"


def _judgement(entry: LogEntry | None) -> tuple[Any, Any, Any]:
    """The verdict that an entry states, by whom and when."""
    if entry is None or entry.data["verdict"] is None:
        return _NOBODY
    return entry.data["verdict"], entry.data.get("judged_by", entry.who), entry.data.get("judged_at", entry.at)
