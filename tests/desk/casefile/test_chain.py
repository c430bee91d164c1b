from __future__ import annotations

import dataclasses
import hashlib
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from seamline.core.errors import BadOption
from seamline.desk.casefile.chain import (
    BEGINNING,
    LogEntry,
    digest_of,
    entry_from_json,
    entry_to_json,
    instant,
    next_entry,
)
from seamline.desk.casefile.checking import check
from tests.desk.casefile.cases import log

LOG = log()
AT = "2026-03-01T09:30:00.000000Z"


def said(*entries: LogEntry) -> str:
    return "; ".join(finding.sentence for finding in check(entries))


def again(entry: LogEntry, **fields: Any) -> LogEntry:
    """The entry with other fields and the digest that belongs to them."""
    changed = dataclasses.replace(entry, **fields)
    return dataclasses.replace(changed, digest=digest_of(changed))


def test_a_log_as_it_was_written_has_no_findings() -> None:
    assert check(LOG) == ()
    assert check(()) == ()


def test_the_first_entry_follows_zeros_and_each_other_one_its_predecessor() -> None:
    assert [entry.number for entry in LOG] == list(range(1, len(LOG) + 1))
    assert [entry.previous for entry in LOG] == [BEGINNING, *(entry.digest for entry in LOG[:-1])]


def test_the_digest_is_the_hash_of_the_line_without_it() -> None:
    entry = next_entry(None, AT, "Zoë", "note", {"text": "„fein“", "n": 1.5})
    line = f'{{"at":"{AT}","data":{{"n":1.5,"text":"„fein“"}},"kind":"note","number":1,'
    line += f'"previous":"{BEGINNING}","who":"Zoë"}}'
    assert entry.digest == hashlib.sha256(line.encode()).hexdigest()


def test_a_line_gives_the_entry_that_wrote_it() -> None:
    assert tuple(entry_from_json(entry_to_json(entry)) for entry in LOG) == LOG


@pytest.mark.parametrize(
    "line",
    [
        "",
        "{}",
        "[1]",
        "no json",
        entry_to_json(LOG[0]) + " ",
        entry_to_json(LOG[0]).replace('"number":1', '"number":"1"'),
        entry_to_json(LOG[0]).replace('"who"', '"who":"Bo","who"'),
        '{"a":' * 5000,
        chr(55296),
        "NaN",
        "1e999",
    ],
)
def test_a_line_of_another_form_is_refused(line: str) -> None:
    with pytest.raises(BadOption, match="not a log entry"):
        entry_from_json(line)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("number", 9),
        ("at", AT),
        ("who", "Eve"),
        ("kind", "note"),
        ("data", {}),
        ("previous", "1" * 64),
        ("digest", "2" * 64),
    ],
)
def test_an_entry_with_any_other_field_is_named(field: str, value: Any) -> None:
    changed = dataclasses.replace(LOG[3], **{field: value})
    assert f"log entry {changed.number} was altered" in said(*LOG[:3], changed, *LOG[4:])


def test_an_entry_that_was_written_anew_with_its_digest_is_named_by_the_one_after_it() -> None:
    changed = again(LOG[3], who="Eve")
    assert said(*LOG[:3], changed, *LOG[4:]) == "log entry 4 is not the one that log entry 5 was written after"


def test_entries_that_were_removed_are_named() -> None:
    assert said(*LOG[:2], *LOG[3:]) == "log entry 3 is missing"
    assert said(*LOG[:1], *LOG[4:]) == "log entries 2 to 4 are missing"
    assert said(*LOG[1:]) == "log entry 1 is missing"


def test_an_entry_that_was_inserted_is_named_and_the_true_one_is_not() -> None:
    false = next_entry(LOG[2], LOG[2].at, "Eve", "note", {})
    assert said(*LOG[:3], false, *LOG[3:]) == "log entry 4 was inserted: there is another"
    assert said(*LOG[:4], false, *LOG[4:]) == "log entry 4 was inserted: there is another"


def test_entries_that_were_exchanged_are_named() -> None:
    assert said(*LOG[:2], LOG[3], LOG[2], *LOG[4:]) == "log entry 3 is out of order: it stands after log entry 4"


def test_a_log_that_begins_with_another_one_s_entry_is_named() -> None:
    assert said(again(LOG[0], previous=LOG[3].digest)) == "log entry 1 follows another entry that is not there"


def test_times_that_go_backwards_are_named() -> None:
    later = next_entry(LOG[0], "2027-01-01T00:00:00.000000Z", "Ada", "note", {})
    earlier = again(next_entry(later, later.at, "Ada", "note", {}), at=AT)
    assert said(LOG[0], later, earlier) == "log entry 3 has an earlier time than log entry 2"


def test_a_clock_that_was_set_back_does_not_turn_the_order_around() -> None:
    before = next_entry(None, AT, "Ada", "opened", {})
    entry = next_entry(before, "2026-02-01T00:00:00.000000Z", "Ada", "note", {})
    assert entry.at == AT
    assert check((before, entry)) == ()


def test_a_number_of_any_size_makes_a_finding_and_no_work() -> None:
    far = dataclasses.replace(LOG[1], number=10**18)
    assert "are missing" in said(LOG[0], far)


def test_what_is_kept_is_what_is_read_again() -> None:
    entry = next_entry(None, AT, "Ada", "note", {"pairs": (1, 2)})
    assert entry.data == {"pairs": [1, 2]}


@pytest.mark.parametrize("data", [{"x": float("nan")}, {"x": object()}, {"x": "\ud800"}, {"x": float("inf")}])
def test_data_that_is_not_json_is_refused(data: dict[str, Any]) -> None:
    with pytest.raises(BadOption, match="JSON only"):
        next_entry(None, AT, "Ada", "note", data)


@pytest.mark.parametrize("at", ["2026-03-01", "2026-03-01T09:30:00Z", "2026-13-01T09:30:00.000000Z", ""])
def test_a_time_of_another_form_is_refused(at: str) -> None:
    with pytest.raises(BadOption, match="not a time"):
        next_entry(None, at, "Ada", "note", {})


@pytest.mark.parametrize("kind", ["", "Note", "a b", "x" * 41])
def test_a_kind_of_another_form_is_refused(kind: str) -> None:
    with pytest.raises(BadOption, match="not a kind"):
        next_entry(None, AT, "Ada", kind, {})


def test_moments_are_written_in_utc_with_microseconds() -> None:
    east = timezone(timedelta(hours=2))
    assert instant(datetime(2026, 3, 1, 11, 30, tzinfo=east)) == AT == instant(datetime(2026, 3, 1, 9, 30, tzinfo=UTC))
