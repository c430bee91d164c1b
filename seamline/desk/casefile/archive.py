"""A case as one ZIP file, the same bytes for the same content."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, BinaryIO

from seamline.core.errors import BadOption, Unavailable
from seamline.core.output_files import output_file
from seamline.desk.casefile import layout, readme
from seamline.desk.casefile.agreement import disagreements
from seamline.desk.casefile.chain import entry_to_json
from seamline.desk.casefile.checking import check
from seamline.desk.casefile.manifest import Listed, listed, manifest_of
from seamline.desk.casefile.model import CaseContent, case_from_json, case_to_json, photos_of
from seamline.desk.casefile.strict_json import canonical, parsed, readable
from seamline.desk.casefile.timestamps import Timestamper

_DATE = (1980, 1, 1, 0, 0, 0)
_PACKED = (".json", ".jsonl", ".txt", ".html")
_IN_MEMORY = 64 << 20


def write_archive(
    file: Path | BinaryIO, content: CaseContent, *, evidence_html: str, pdf: bytes | None, timestamp: Timestamper | None
) -> None:
    """Write the case file, whole or not at all.

    Raises BadOption where the log or a photo is not as it was written, where case and log contradict each other, and
    where the case is too large; Unavailable where the authority gives no time stamp or the disk is full.
    """
    _refuse_unsound(content)
    with tempfile.SpooledTemporaryFile(_IN_MEMORY) as draft:
        try:
            _fill(draft, content, _pages(evidence_html, pdf), timestamp)
        except OSError as error:
            raise Unavailable(f"the case file could not be put together: {error.strerror or error}") from error
        draft.seek(0)
        if isinstance(file, Path):
            with output_file(file) as target:
                shutil.copyfileobj(draft, target, 1 << 20)
        else:
            shutil.copyfileobj(draft, file, 1 << 20)


def _refuse_unsound(content: CaseContent) -> None:
    if not content.log:
        raise BadOption("the case has no log; it cannot be handed on")
    answers = {pair.number: pair.answer for pair in content.pairs}
    try:
        case_from_json(parsed(canonical(case_to_json(content.facts, content.pairs))), answers)
        canonical(answers)
    except ValueError as error:
        raise BadOption(f"the case cannot be written down: {error}") from error
    findings = [finding.sentence for finding in check(content.log)]
    findings += disagreements(content.facts, content.pairs, content.log)
    missing = [number for sha256, number in photos_of(content.pairs).items() if sha256 not in content.photos]
    findings += [f"a photo of pair {number} is missing" for number in missing]
    if findings:
        raise BadOption(f"the case is not sound and was not handed on: {'; '.join(findings[:5])}")


def _pages(html: str, pdf: bytes | None) -> dict[str, bytes]:
    pages = {layout.PAGE: html.encode("utf-8", "backslashreplace")}
    return pages if pdf is None else pages | {layout.PDF: pdf}


def _fill(draft: IO[bytes], content: CaseContent, pages: dict[str, bytes], timestamp: Timestamper | None) -> None:
    try:
        with zipfile.ZipFile(draft, "w", allowZip64=False) as archive:
            entries = {name: _add(archive, name, data) for name, data in _files(content, pages)}
            _check_size(entries)
            manifest = manifest_of(content, entries, None if timestamp is None else timestamp.host)
            _add(archive, layout.MANIFEST, manifest)
            if timestamp is not None:
                _add(archive, layout.STAMP, timestamp.stamp(manifest))
    except zipfile.LargeZipFile as error:
        raise _too_large() from error


def _add(archive: zipfile.ZipFile, name: str, data: bytes) -> Listed:
    if len(data) > layout.largest(name) or not layout.is_known(name):
        raise _too_large()
    entry = zipfile.ZipInfo(name, _DATE)
    entry.create_system, entry.external_attr = 3, 0o100644 << 16
    entry.compress_type = zipfile.ZIP_DEFLATED if name.endswith(_PACKED) else zipfile.ZIP_STORED
    archive.writestr(entry, data)
    return listed(data)


def _check_size(entries: dict[str, Listed]) -> None:
    total = sum(entry.size for entry in entries.values())
    if len(entries) > layout.MOST_FILES or total > layout.LARGEST_TOTAL:
        raise _too_large()


def _too_large() -> BadOption:
    return BadOption("the case is too large for one file; hand on its pairs in several cases")


def _files(content: CaseContent, pages: dict[str, bytes]) -> Iterator[tuple[str, bytes]]:
    """All files but the manifest, in the order of their names."""
    first = {
        layout.README: readme.TEXT.encode(),
        layout.CASE: readable(case_to_json(content.facts, content.pairs)),
        layout.LOG: "".join(f"{entry_to_json(entry)}\n" for entry in content.log).encode(),
        layout.NOTICE: content.facts.notice.encode("utf-8", "backslashreplace"),
        **{layout.answer_name(pair.number): readable(pair.answer) for pair in content.pairs},
        **pages,
    }
    yield from sorted(first.items())
    for sha256 in sorted(content.photos):
        data = _photo(sha256, content.photos[sha256])
        yield layout.photo_name(sha256, data), data


def _photo(sha256: str, load: Callable[[], bytes]) -> bytes:
    data = load()
    if hashlib.sha256(data).hexdigest() != sha256:
        raise BadOption(f"the photo {sha256[:12]} is no longer the one that was received; restore it from a backup")
    return data
