"""A case is handed on: as a ZIP that waits, for an hour at most, to be fetched once."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from seamline.core.errors import NotFound, SeamlineError, Unavailable, Unsupported
from seamline.desk.casefile.archive import write_archive
from seamline.desk.casefile.chain import LogEntry
from seamline.desk.casefile.evidence import case_page
from seamline.desk.casefile.model import CaseContent
from seamline.desk.casefile.pdf import pdf_of
from seamline.desk.casefile.timestamps import Timestamper
from seamline.desk.cases.access import case_to_log
from seamline.desk.cases.contents import content_in
from seamline.desk.cases.log import append
from seamline.desk.cases.notice import unfinished
from seamline.desk.context import Desk
from seamline.desk.people.user import User
from seamline.desk.store.models import Case

_SECONDS = 3600.0
_PIECE = 1 << 20
_TOKEN = re.compile(r"[0-9a-f]{32}")
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9]+")
_LONGEST_NAME = 60


@dataclass(frozen=True)
class Exported:
    """`token` fetches the ZIP, once. `head`: the digest with which its log ends, of entry `number`. `pdf`, `stamped`:
    whether it holds the page for print, and a time stamp. `unfinished`: what its notice still holds of the draft."""

    token: str
    head: str
    number: int
    pdf: bool
    stamped: bool
    unfinished: tuple[str, ...]


def export(desk: Desk, user: User, case_id: str, *, stamped: bool) -> Exported:
    """Make the ZIP; its log ends with an entry that says so.

    `stamped`: with a time stamp, where the desk has an authority. Raises NotFound, BadOption where the case is not
    sound, Unavailable where the authority is away or the disk is full; the log then says that it failed, and why.
    """
    url = desk.settings.timestamp_url
    authority = Timestamper(url) if stamped and url is not None else None
    with desk.store.session() as session:
        case = case_to_log(session, user, case_id)
        entry = append(session, case, user.shown, "exported", {"time_stamp": authority.host if authority else None})
        session.flush()
        content = content_in(session, desk, case)
    try:
        token, pdf = _written(desk, content, authority)
    except SeamlineError as error:
        _log_failure(desk, user, case_id, entry, error)
        raise
    left = unfinished(content.facts.notice)
    return Exported(token, entry.digest, entry.number, pdf, authority is not None, left)


def print_of(html: str) -> bytes | None:
    """The page for print; None where this machine cannot make it."""
    try:
        return pdf_of(html)
    except Unsupported:
        return None


def file_name(case: Case) -> str:
    """What a browser saves the ZIP as: its reference in letters, digits and hyphens."""
    name = _NOT_IN_NAMES.sub("-", case.reference or case.title).strip("-")[:_LONGEST_NAME]
    return f"case-{name or case.id}"


def fetch(desk: Desk, case_id: str, token: str) -> tuple[int, Iterator[bytes]]:
    """Size and pieces of a ZIP that was made; its file is gone from now on. Raises NotFound where it was before."""
    gone = NotFound("this file was fetched already, or was made too long ago; export the case again")
    if not _TOKEN.fullmatch(token):
        raise gone
    path = _file(desk, case_id, token)
    try:
        opened = path.open("rb")
    except FileNotFoundError:
        raise gone from None
    path.unlink(missing_ok=True)
    return opened.seek(0, 2), _pieces(opened)


def _pieces(opened: BinaryIO) -> Iterator[bytes]:
    with opened:
        opened.seek(0)
        while piece := opened.read(_PIECE):
            yield piece


def _written(desk: Desk, content: CaseContent, authority: Timestamper | None) -> tuple[str, bool]:
    html = case_page(content)
    pdf = print_of(html)
    token = secrets.token_hex(16)
    file = _file(desk, content.facts.id, token)
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _forget_old(file.parent)
    except OSError as error:
        raise Unavailable("the desk's disk takes no file for the case; see whether it is full") from error
    write_archive(file, content, evidence_html=html, pdf=pdf, timestamp=authority)
    return token, pdf is not None


def _file(desk: Desk, case_id: str, token: str) -> Path:
    """Below the desk's folder; a case's id is one of the store's, a token one of ours."""
    return desk.settings.folder / "exports" / f"{case_id}-{token}.zip"


def _forget_old(folder: Path) -> None:
    for path in folder.glob("*.zip"):
        try:
            if time.time() - path.stat().st_mtime > _SECONDS:
                path.unlink()
        except FileNotFoundError:  # another process of the desk was faster
            continue


def _log_failure(desk: Desk, user: User, case_id: str, entry: LogEntry, error: SeamlineError) -> None:
    with desk.store.session() as session:
        case = case_to_log(session, user, case_id)
        append(session, case, user.shown, "export_failed", {"export": entry.number, "reason": str(error)})
