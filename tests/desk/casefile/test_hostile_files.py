from __future__ import annotations

import os
import random
import struct
import zipfile
from pathlib import Path

import pytest

from seamline.core.errors import BadOption
from seamline.desk.casefile import layout
from seamline.desk.casefile.verify import verify_archive
from tests.desk.casefile.tampering import read


def add(file: Path, name: str, data: bytes = b"x", *, mode: int = 0o100644, packing: int = zipfile.ZIP_STORED) -> None:
    entry = zipfile.ZipInfo(name)
    entry.external_attr, entry.compress_type = mode << 16, packing
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr(entry, data)


def said(file: Path) -> str:
    return "; ".join(verify_archive(file).findings)


@pytest.mark.parametrize(
    "name",
    [
        "../evil",
        "/etc/passwd",
        "C:\\evil",
        "photos\\evil.jpg",
        "photos/../case.json",
        "photos/evil.jpg",
        "case.JSON",
        "./case.json",
        "photos//x",
        "answers/1.json",
        "a\u202egpj.exe",
        "x" * 60000,
        "photos/" + "ab" * 32 + ".exe",
        " ",
    ],
)
def test_names_that_no_case_file_has_are_named_and_nothing_is_unpacked(written: Path, name: str) -> None:
    add(written, name)
    assert f"{ascii(name[:80])[:-1]}" in said(written)
    assert "was added" in said(written)
    assert [path.name for path in written.parent.iterdir()] == [written.name]


def test_a_name_that_ends_early_for_some_readers_is_named(written: Path) -> None:
    data = written.read_bytes().replace(b"notice.txt", b"notice.t\x00t")
    written.write_bytes(data)
    assert r"'notice.t\x00t' was added" in said(written)


def test_a_file_that_is_there_twice_is_named(written: Path) -> None:
    with pytest.warns(UserWarning, match="Duplicate name"):
        add(written, "case.json", b"{}")
    assert said(written) == "'case.json' is there twice; the second one was not read"


@pytest.mark.parametrize("mode", [0o120777, 0o020644, 0o010644, 0o040755])
def test_links_and_devices_are_named_and_not_followed(written: Path, mode: int) -> None:
    add(written, "photos/" + "ab" * 32 + ".bin", b"/etc/passwd", mode=mode)
    assert "is a link or a device instead of a file, and was not followed" in said(written)


@pytest.mark.parametrize("packing", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_packings_are_named_and_not_unpacked(written: Path, packing: int) -> None:
    add(written, "manifest.tsr", bytes(9), packing=packing)
    assert "'manifest.tsr' is encrypted or packed in another way" in said(written)


def test_an_encrypted_file_is_named_and_not_read(written: Path) -> None:
    add(written, "manifest.tsr")
    data = bytearray(written.read_bytes())
    place = data.rindex(b"PK\x01\x02")
    data[place + 8] |= 1
    written.write_bytes(data)
    assert "'manifest.tsr' is encrypted" in said(written)


def test_a_bomb_is_named_and_not_unpacked(written: Path) -> None:
    name = "photos/" + "ab" * 32 + ".bin"
    add(written, name, bytes(64 << 20), packing=zipfile.ZIP_DEFLATED)
    assert f"'{name}' claims to be larger than files of a case are, and was not read" in said(written)


def test_a_file_that_claims_more_than_all_files_may_have_is_not_read(
    written: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(layout, "LARGEST_TOTAL", 300_000)
    assert "was not read: the case file claims to be larger than any is" in said(written)


def test_a_text_that_is_larger_than_is_read_as_a_whole_is_not_read(
    written: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(layout, "LARGEST_TEXT", 1000)
    assert "'case.json' claims to be larger than files of a case are" in said(written)


def test_a_file_that_claims_less_than_it_packs_is_named(written: Path) -> None:
    data = bytearray(written.read_bytes())
    place = data.rindex(b"case.json") - 46  # where its row in the list of files begins
    size = struct.unpack_from("<I", data, place + 24)[0]
    struct.pack_into("<I", data, place + 24, size - 10)
    written.write_bytes(data)
    assert "case.json was altered" in said(written)


def test_a_list_of_very_many_files_is_refused_unread(tmp_path: Path) -> None:
    file = tmp_path / "many.zip"
    with zipfile.ZipFile(file, "w") as archive:
        for number in range(layout.MOST_FILES + 1):
            archive.writestr(f"{number}", b"")
    with pytest.raises(BadOption, match="lists more than 20,000 files"):
        verify_archive(file)
    row = struct.pack("<4s6H3I5H2I", b"PK\1\2", 20, 20, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0) + b"x"
    rows = row * 120_000
    file.write_bytes(rows + struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 65535, 65535, len(rows), 0, 0))
    with pytest.raises(BadOption, match="not a ZIP file that can be read"):
        verify_archive(file)


@pytest.mark.parametrize("text", [b"", b"PK", b"<html>", b"PK\5\6" + bytes(18), b"PK\5\6" + b"\xff" * 18, bytes(5000)])
def test_what_is_no_zip_is_refused(tmp_path: Path, text: bytes) -> None:
    file = tmp_path / "case.zip"
    file.write_bytes(text)
    with pytest.raises(BadOption, match="is not a case file"):
        verify_archive(file)


def test_a_zip_of_something_else_is_refused(tmp_path: Path) -> None:
    add(tmp_path / "other.zip", "holiday.jpg")
    with pytest.raises(BadOption, match=r"it holds no case.json, log.jsonl or manifest.json"):
        verify_archive(tmp_path / "other.zip")


def test_pipes_folders_and_files_that_are_not_there_are_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    for name, sentence in (("fifo", "is not a file"), (".", "is not a file"), ("none", "No such file"), ("\0", "name")):
        with pytest.raises(BadOption, match=sentence):
            verify_archive(tmp_path / name)


@pytest.mark.parametrize("text", [b"[" * 100_000, b'{"a":' * 100_000, b"1" * 10_000, b"\xff", b'{"format": 1e400}'])
@pytest.mark.parametrize("name", ["case.json", "manifest.json", "answers/001.json", "log.jsonl"])
def test_json_that_would_break_a_reader_is_a_finding(written: Path, name: str, text: bytes) -> None:
    held = read(written) | {name: text}
    with zipfile.ZipFile(written, "w") as archive:
        for own, data in held.items():
            archive.writestr(own, data)
    assert name in said(written)


def test_damage_anywhere_is_found_or_refused_and_never_a_fault(written: Path) -> None:
    whole, chance = written.read_bytes(), random.Random(3)
    for _ in range(120):
        data = bytearray(whole)
        for _ in range(chance.choice((1, 4))):
            data[chance.randrange(len(data) - 3000, len(data))] = chance.randrange(256)
        written.write_bytes(data[: chance.choice((len(data), chance.randrange(len(data))))])
        try:
            verify_archive(written)
        except BadOption:
            continue
