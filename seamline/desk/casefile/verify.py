"""Whether a case file is the one that was written. Nothing is unpacked to disk, nothing is asked of the network."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from seamline.core.errors import BadOption, Unsupported
from seamline.desk.casefile import layout
from seamline.desk.casefile.case_check import read_case
from seamline.desk.casefile.chain import LogEntry, entry_from_json
from seamline.desk.casefile.checking import check
from seamline.desk.casefile.manifest import Listed, Manifest, read_manifest
from seamline.desk.casefile.reading import CaseZip, opened
from seamline.desk.casefile.stamps import Stamp, read_stamp, trusted_roots

if TYPE_CHECKING:
    from cryptography.x509 import Certificate


@dataclass(frozen=True)
class Verification:
    """`findings`: a sentence for each file or log entry that is not as it was written. `case`: its id, empty where it
    cannot be read. `head`: digest of the last of the log's `entries`, empty where there is none. `head_entry`: the
    entry whose digest the reader had kept, None where none was named or it is not there. `stamp`: None where there is
    none, or none that holds."""

    findings: tuple[str, ...]
    case: str
    title: str
    entries: int
    photos: int
    head: str
    head_entry: int | None
    stamp: Stamp | None

    @property
    def ok(self) -> bool:
        """Whether all is as it was written."""
        return not self.findings


def verify_archive(path: Path, *, head: str | None = None, tsa_ca: Path | None = None) -> Verification:
    """Check a case file.

    `head`: a digest of the log that was kept elsewhere, of the last or of an earlier entry. `tsa_ca`: certificates in
    PEM, to one of which the time stamp must lead. Raises BadOption for what is no case file, and where `head` is no
    digest or `tsa_ca` no certificate.
    """
    if head is not None and not layout.is_sha256(head := head.strip().lower()):
        raise BadOption("--head takes the 64 hexadecimal digits of a log entry's digest")
    roots = () if tsa_ca is None else trusted_roots(tsa_ca)
    with opened(path) as archive:
        measured = {name: archive.measured(name) for name in archive.names}
        manifest, said = _manifest(archive)
        log, said_of_log = _log(archive, manifest, head)
        case, said_of_case = read_case(archive, measured, log)
        stamp, said_of_stamp = _stamp(archive, manifest, roots)
        findings = (*archive.findings, *said, *_files(measured, manifest), *said_of_log, *said_of_case, *said_of_stamp)
    return Verification(
        tuple(dict.fromkeys(findings)),
        case.id if case else "",
        case.title if case else "",
        len(log),
        sum(name.startswith("photos/") for name in measured),
        log[-1].digest if log else "",
        next((entry.number for entry in log if entry.digest == head), None),
        stamp,
    )


def _manifest(archive: CaseZip) -> tuple[Manifest | None, list[str]]:
    data = archive.read(layout.MANIFEST)
    if data is None:
        return None, [f"{layout.MANIFEST} was removed or cannot be read"]
    try:
        return read_manifest(data), []
    except ValueError as error:
        return None, [f"{layout.MANIFEST} was altered: {error}"]


def _files(measured: Mapping[str, Listed | None], manifest: Manifest | None) -> Iterator[str]:
    if manifest is None:
        return
    for name in sorted(set(measured) - set(manifest.files) - {layout.MANIFEST, layout.STAMP}):
        yield f"{name} was added: the manifest does not list it"
    for name, listed in manifest.files.items():
        if not layout.is_known(name):
            yield f"the manifest lists {name[:80]!a}, which is no file of a case"
        elif name not in measured:
            yield f"{name} was removed"
        elif measured[name] not in (listed, None):
            yield f"{name} was altered: its SHA-256 or its size is not the manifest's"
    for name in layout.ALWAYS:
        if name not in manifest.files:
            yield f"{layout.MANIFEST} was altered: it does not list {name}"


def _log(archive: CaseZip, manifest: Manifest | None, head: str | None) -> tuple[list[LogEntry], list[str]]:
    data = archive.read(layout.LOG)
    if not data:
        return [], [f"{layout.LOG} was removed or is empty"]
    *lines, rest = data.split(b"\n")
    log, said = [], ["the last line of log.jsonl was cut off"] * bool(rest)
    for number, line in enumerate(lines, 1):
        try:
            log.append(entry_from_json(line))
        except BadOption as error:
            said.append(f"line {number} of {layout.LOG} was altered: {error}")
    said += [finding.sentence for finding in check(log)]
    if manifest is not None and log and (manifest.entries, manifest.head) != (len(log), log[-1].digest):
        said.append(
            f"the log does not end as {layout.MANIFEST} says, with log entry {manifest.entries} and the digest "
            f"{manifest.head[:64]}"
        )
    if head is not None and head not in (entry.digest for entry in log):
        said.append(f"no log entry has the digest {head}, which was kept elsewhere: the log was cut or written anew")
    return log, said


def _stamp(
    archive: CaseZip, manifest: Manifest | None, roots: tuple[Certificate, ...]
) -> tuple[Stamp | None, list[str]]:
    answer, data = archive.read(layout.STAMP), archive.read(layout.MANIFEST)
    if answer is None:
        asked = manifest is not None and manifest.time_stamp is not None
        missing = [f"{layout.STAMP} was removed: the manifest names a time stamp"] * asked
        return None, missing or ["there is no time stamp that --tsa-ca could be used for"] * bool(roots)
    try:
        return read_stamp(answer, data or b"", roots), []
    except ValueError as error:
        return None, [f"{layout.STAMP} is no time stamp of {layout.MANIFEST}: {error}"]
    except Unsupported as error:
        return None, [f"{layout.STAMP} was not checked: {error}"]
