from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from seamline.core.errors import BadOption
from seamline.desk.casefile.chain import entry_to_json, next_entry
from seamline.desk.casefile.verify import verify_archive
from tests.desk.casefile.cases import file_of, log, side
from tests.desk.casefile.tampering import Change, in_json, in_line, lines, read, rewrite
from tests.support.photos import jpeg

PHOTO = f"photos/{side(1).photo_sha256}.jpg"
EACH = [
    "README.txt",
    "answers/001.json",
    "case.json",
    "evidence.html",
    "evidence.pdf",
    "log.jsonl",
    "notice.txt",
    PHOTO,
]


def said(file: Path, **options: Any) -> str:
    return "; ".join(verify_archive(file, **options).findings)


def test_a_case_file_that_was_packed_again_is_intact(written: Path) -> None:
    with_folders: dict[str, Change] = {"photos/": b"", "answers/": b""}
    assert said(rewrite(written, with_folders)) == ""


@pytest.mark.parametrize("name", EACH)
def test_a_file_that_was_altered_is_named(written: Path, name: str) -> None:
    assert f"{name} was altered" in said(rewrite(written, {name: lambda data: data[:-1] + b"!"}))


@pytest.mark.parametrize("name", EACH)
def test_a_file_that_was_removed_is_named(written: Path, name: str) -> None:
    assert f"{name} was removed" in said(rewrite(written, {name: None}))


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("README.txt", "manifest.json was altered: it does not list README.txt"),
        ("evidence.html", "manifest.json was altered: it does not list evidence.html"),
        ("notice.txt", "notice.txt does not hold the notice of case.json"),
        ("case.json", "case.json was removed or cannot be read"),
        ("answers/001.json", "case.json or an answer was altered: pairs[0].answer"),
        (PHOTO, f"the photo {side(1).photo_sha256} of pair 1 is not there"),
    ],
)
def test_a_file_that_was_removed_from_the_manifest_too_is_named(written: Path, name: str, sentence: str) -> None:
    assert sentence in said(rewrite(written, {name: None}, listed=True))


@pytest.mark.parametrize("name", ["answers/009.json", f"photos/{'ab' * 32}.png", "extra.txt", "manifest.tsr"])
def test_a_file_that_was_added_is_named(written: Path, name: str) -> None:
    assert name in said(rewrite(written, {name: b"{}"}))


def test_a_photo_that_was_replaced_is_named_though_the_manifest_lists_it(written: Path) -> None:
    found = said(rewrite(written, {PHOTO: jpeg((40, 50), "red")}, listed=True))
    assert found == f"{PHOTO} was altered: its bytes have another SHA-256 than its name"


def test_a_pair_of_another_photo_is_named(written: Path) -> None:
    another = in_json("pairs", 0, "query", "photo_sha256", value="ab" * 32)
    found = said(rewrite(written, {"case.json": another}, listed=True))
    assert f"the photo {'ab' * 32} of pair 1 is not there" in found


def test_bytes_that_were_damaged_inside_the_zip_are_named(written: Path) -> None:
    data, photo = bytearray(written.read_bytes()), file_of(1)
    data[data.index(photo) + len(photo) // 2] ^= 1
    written.write_bytes(data)
    assert said(written) == f"{PHOTO} was altered or damaged: it cannot be unpacked"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("number", 9),
        ("at", "2026-03-02T12:00:00.000000Z"),
        ("who", "Eve"),
        ("kind", "note"),
        ("data", {}),
        ("previous", "1" * 64),
        ("digest", "2" * 64),
    ],
)
def test_each_field_of_a_log_entry_is_covered(written: Path, field: str, value: Any) -> None:
    found = said(rewrite(written, {"log.jsonl": in_line(3, **{field: value})}, listed=True))
    assert f"log entry {value if field == 'number' else 4} was altered" in found


def test_a_log_that_was_cut_is_named(written: Path) -> None:
    found = said(rewrite(written, {"log.jsonl": lines(lambda all_lines: all_lines[:-1])}))
    assert f"the log does not end as manifest.json says, with log entry 7 and the digest {log()[-1].digest}" in found
    assert "log.jsonl was altered" in found


def test_a_line_that_was_cut_in_its_middle_is_named(written: Path) -> None:
    found = said(rewrite(written, {"log.jsonl": lambda data: data[:-20]}))
    assert "the last line of log.jsonl was cut off" in found


def test_two_entries_that_were_exchanged_are_named(written: Path) -> None:
    swapped = lines(lambda held: [held[0], held[2], held[1], *held[3:]])
    found = said(rewrite(written, {"log.jsonl": swapped}, listed=True))
    assert found == "log entry 2 is out of order: it stands after log entry 3"


def test_a_line_that_is_no_entry_is_named(written: Path) -> None:
    found = said(rewrite(written, {"log.jsonl": lambda data: data.replace(b'{"at"', b'{ "at"', 1)}, listed=True))
    assert "line 1 of log.jsonl was altered" in found
    assert "log entry 1 is missing" in found


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        (("case", "title"), "Red blouse", "case.json has another title than log entry 7"),
        (("case", "reference"), "B", "case.json has another reference than log entry 1"),
        (("case", "notice"), "Pay.", "case.json has another notice than log entry 6"),
        (("case", "notice"), "Pay.", "notice.txt does not hold the notice of case.json"),
        (("case", "collection"), "other", "case.json has another collection than log entry 1"),
        (("pairs", 0, "verdict"), "no_copy", "pair 1 has another verdict, judge or time of judging"),
        (("pairs", 0, "judged_by"), "Eve", "pair 1 has another verdict, judge or time of judging"),
        (("pairs", 0, "judged_at"), "2027", "pair 1 has another verdict, judge or time of judging"),
        (("pairs", 1, "verdict"), "copy", "in case.json than in the log, by which nobody has judged it"),
        (("pairs", 1, "note"), "", "pair 2 has another note in case.json than in log entry 5"),
        (("pairs", 0, "note"), "x", "pair 1 has another note in case.json than in the log, by which it has none"),
        (("pairs", 1, "number"), 3, "log entry 3 says that pair 2 was added, case.json does not"),
        (("pairs", 1, "number"), 3, "case.json or an answer was altered"),
        (("pairs", 1, "number"), 1, "numbered upwards"),
        (("pairs", 0, "mirrored"), 1, "pairs[0].mirrored is not bool"),
        (("pairs", 0, "photo"), 1, "pairs[0] does not have the fields"),
        (("format",), 2, "it is not of format 1"),
    ],
)
def test_case_json_must_state_what_the_log_states(
    written: Path, path: tuple[str | int, ...], value: Any, sentence: str
) -> None:
    found = said(rewrite(written, {"case.json": in_json(*path, value=value)}, listed=True))
    if sentence.startswith("log entry 3"):
        answers: dict[str, Change] = {"answers/002.json": None, "answers/003.json": read(written)["answers/001.json"]}
        found = said(rewrite(written, answers, listed=True))
    assert sentence in found


def test_another_person_s_whole_log_in_its_place_is_named(written: Path) -> None:
    entry = next_entry(None, "2026-01-01T00:00:00.000000Z", "Eve", "opened", {"title": "Mine"})
    found = said(rewrite(written, {"log.jsonl": entry_to_json(entry).encode() + b"\n"}, listed=True))
    assert "another title" in found
    assert "case.json has the pair 1, which no log entry says was added" in found


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (None, "manifest.json was removed or cannot be read"),
        (b"[]", "manifest.json was altered: manifest does not have the fields"),
        (b"{", "manifest.json was altered"),
        (in_json("format", value=2), "manifest.json was altered: it is of format 2, not of format 1"),
        (in_json("files", "case.json", "size", value="1"), "manifest.files.case.json.size is not int"),
    ],
)
def test_a_manifest_that_was_altered_is_named(written: Path, change: Change, sentence: str) -> None:
    assert sentence in said(rewrite(written, {"manifest.json": change}))


def test_a_file_that_the_manifest_lists_and_no_case_has_is_named(written: Path) -> None:
    files = json.loads(read(written)["manifest.json"])["files"] | {"../x\x1b": {"sha256": "", "size": 0}}
    found = said(rewrite(written, {"manifest.json": in_json("files", value=files)}))
    assert found == "the manifest lists '../x\\x1b', which is no file of a case"


def rewritten(file: Path) -> Path:
    """Every entry, hash and fact anew: somebody else has judged."""
    anew: list[Any] = []
    for entry in log():
        who = "Eve" if entry.kind == "verdict" else entry.who
        anew.append(next_entry(anew[-1] if anew else None, entry.at, who, entry.kind, entry.data))
    text = b"".join(entry_to_json(entry).encode() + b"\n" for entry in anew)
    judged = in_json("pairs", 0, "judged_by", value="Eve")
    return rewrite(file, {"log.jsonl": text, "case.json": judged}, listed=True)


def test_who_writes_everything_anew_is_found_by_a_head_that_was_kept_elsewhere_and_by_nothing_else(
    written: Path,
) -> None:
    assert said(rewritten(written)) == ""
    head = log()[-1].digest
    assert said(written, head=head).startswith(f"no log entry has the digest {head}, which was kept elsewhere")


@pytest.mark.parametrize("number", [1, 7])
def test_a_head_may_be_that_of_an_earlier_export(written: Path, number: int) -> None:
    found = verify_archive(written, head=log()[number - 1].digest.upper())
    assert found.ok
    assert found.head_entry == number


@pytest.mark.parametrize("head", ["", "abc", "g" * 64])
def test_a_head_of_another_form_is_refused(written: Path, head: str) -> None:
    with pytest.raises(BadOption, match="64 hexadecimal digits"):
        verify_archive(written, head=head)
