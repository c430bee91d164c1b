from __future__ import annotations

import dataclasses
import io
import json
import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from seamline.core.errors import BadOption
from seamline.desk.casefile.archive import write_archive
from seamline.desk.casefile.layout import photo_name
from seamline.desk.casefile.model import CaseContent, case_from_json, case_to_json
from seamline.desk.casefile.verify import verify_archive
from tests.desk.casefile.cases import ANSWER, NOTICE, case, file_of, log, pair, sha256, side
from tests.desk.casefile.conftest import PAGE
from tests.desk.casefile.tampering import read


def written_bytes(content: CaseContent) -> bytes:
    file = io.BytesIO()
    write_archive(file, content, evidence_html=PAGE, pdf=None, timestamp=None)
    return file.getvalue()


def test_a_case_file_holds_all_of_the_case_and_is_intact(written: Path) -> None:
    held = read(written)
    photos = sorted(f"photos/{sha256(file_of(place))}.jpg" for place in range(3))
    first = ["README.txt", "answers/001.json", "answers/002.json", "case.json", "evidence.html", "evidence.pdf"]
    assert list(held) == [*first, "log.jsonl", "notice.txt", *photos, "manifest.json"]
    assert held[f"photos/{sha256(file_of(1))}.jpg"] == file_of(1)
    assert held["notice.txt"].decode() == NOTICE
    assert held["evidence.html"].decode() == PAGE
    assert json.loads(held["answers/001.json"]) == ANSWER
    found = verify_archive(written)
    assert found.ok, found.findings
    assert (found.case, found.title, found.entries, found.photos) == ("c0ffee", "Blue blouse", 7, 3)
    assert found.head == log()[-1].digest
    assert found.stamp is None


def test_the_same_case_gives_the_same_bytes(written: Path) -> None:
    assert written_bytes(case()) == written_bytes(case())
    with zipfile.ZipFile(written) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_case_json_gives_the_case_again() -> None:
    content = case()
    plain = json.loads(json.dumps(case_to_json(content.facts, content.pairs)))
    answers = {one.number: one.answer for one in content.pairs}
    assert case_from_json(plain, answers) == (content.facts, content.pairs)


def test_a_case_json_of_before_parts_had_corners_is_read() -> None:
    content = case()
    plain = json.loads(json.dumps(case_to_json(content.facts, content.pairs)))
    for row in plain["pairs"]:
        for name in ("query", "hit"):
            del row[name]["part_corners"]
    answers = {one.number: one.answer for one in content.pairs}
    assert case_from_json(plain, answers) == (content.facts, content.pairs)
    del plain["pairs"][0]["hit"]["part_boxes"]
    with pytest.raises(ValueError, match=r"pairs\[0\].hit does not have the fields"):
        case_from_json(plain, answers)


@pytest.mark.parametrize(
    ("start", "suffix"),
    [
        (b"\xff\xd8\xff\xe0", "jpg"),
        (b"\x89PNG\r\n\x1a\n", "png"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "webp"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", "bin"),
        (b"\x00\x00\x00\x18ftypavif\x00\x00\x00\x00avifmif1", "avif"),
        (b"\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00mif1avif", "avif"),
        (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", "heic"),
        (b"\x00\x00\x00\x14ftypisom\x00\x00\x00\x00mp42", "bin"),
        (b"../../etc/passwd", "bin"),
        (b"", "bin"),
    ],
)
def test_a_photo_is_named_by_its_hash_and_its_first_bytes(start: bytes, suffix: str) -> None:
    assert photo_name("ab" * 32, start) == f"photos/{'ab' * 32}.{suffix}"


def test_no_name_from_outside_reaches_the_names_in_the_zip() -> None:
    evil = "../../evil.jpg"
    known = pair(1, 1)
    content = case()
    first = dataclasses.replace(known, query=dataclasses.replace(known.query, file_name=evil, item=evil))
    data = written_bytes(dataclasses.replace(content, pairs=(first, content.pairs[1])))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert not [name for name in archive.namelist() if "evil" in name or ".." in name]


def test_a_photo_that_could_not_be_had_is_left_out_with_its_reason(tmp_path: Path) -> None:
    content = case()
    gone = dataclasses.replace(content.pairs[0], query=side(1, photo_missing="the shop had taken it down"))
    photos = {name: load for name, load in content.photos.items() if name != side(1).photo_sha256}
    file = tmp_path / "case.zip"
    kept = dataclasses.replace(content, pairs=(gone, content.pairs[1]), photos=photos)
    write_archive(file, kept, evidence_html=PAGE, pdf=None, timestamp=None)
    assert verify_archive(file).ok
    assert verify_archive(file).photos == 2


def damaged(content: CaseContent) -> CaseContent:
    return dataclasses.replace(content, photos=dict(content.photos) | {side(1).photo_sha256: lambda: b"other"})


def without_photo(content: CaseContent) -> CaseContent:
    return dataclasses.replace(content, photos={})


def judged_otherwise(content: CaseContent) -> CaseContent:
    return dataclasses.replace(content, pairs=(pair(1, 1, verdict="no_copy"), content.pairs[1]))


def renamed(content: CaseContent) -> CaseContent:
    return dataclasses.replace(content, facts=dataclasses.replace(content.facts, title="Red blouse"))


def cut_log(content: CaseContent) -> CaseContent:
    return dataclasses.replace(content, log=(*content.log[:2], *content.log[3:]))


def without_log(content: CaseContent) -> CaseContent:
    return dataclasses.replace(content, log=())


def unreadable(content: CaseContent) -> CaseContent:
    return dataclasses.replace(content, pairs=(pair(1, 1, score=float("nan")), content.pairs[1]))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (damaged, "no longer the one that was received"),
        (without_photo, "a photo of pair 1 is missing"),
        (judged_otherwise, "pair 1 has another verdict, judge or time of judging in case.json than in log entry 4"),
        (renamed, "another title than log entry 7"),
        (cut_log, "log entry 3 is missing"),
        (without_log, "has no log"),
        (unreadable, "cannot be written down"),
    ],
)
def test_a_case_that_is_not_sound_is_not_handed_on(
    change: Callable[[CaseContent], CaseContent], sentence: str, written: Path
) -> None:
    before, stream = written.read_bytes(), io.BytesIO()
    for target in (written, stream):
        with pytest.raises(BadOption, match=re.escape(sentence)):
            write_archive(target, change(case()), evidence_html=PAGE, pdf=None, timestamp=None)
    assert written.read_bytes() == before
    assert stream.getvalue() == b""
    assert [path.name for path in written.parent.iterdir()] == [written.name]


def test_the_commands_of_the_readme_check_the_file_without_seamline(written: Path, tmp_path: Path) -> None:
    folder = tmp_path / "unpacked"
    for name, data in read(written).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    commands = re.findall(r"^python3 -c '.*?^'[^\n]*$", (folder / "README.txt").read_text(), re.DOTALL | re.MULTILINE)
    assert len(commands) == 2
    if shutil.which("sha256sum") is None:
        pytest.skip("no sha256sum")

    def said() -> str:
        shown = [subprocess.run(["bash", "-c", line], cwd=folder, capture_output=True, text=True) for line in commands]
        return "".join(each.stdout for each in shown)

    assert said().count(": OK") == 11
    assert said().count("sound") == 8
    assert "ALTERED" not in said()
    (folder / "log.jsonl").write_text((folder / "log.jsonl").read_text().replace('"Bo"', '"Eve"', 1))
    assert "log.jsonl: FAILED" in said()
    assert said().count("ALTERED") == 1
