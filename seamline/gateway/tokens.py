"""Who may call: tokens by their digests, each with a name and, if it is limited, the collections that it may search."""

from __future__ import annotations

import dataclasses
import hashlib
import hmac
import json
import os
import re
import secrets
import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from seamline.core.collection_names import check_name
from seamline.core.errors import BadOption

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)
_DIGEST = re.compile(r"[0-9a-f]{64}")
_SCHEME = "Bearer "


@dataclasses.dataclass(frozen=True)
class Caller:
    """Whose token it is. `collections`: those that it may search, None for all."""

    name: str
    collections: frozenset[str] | None


class Tokens:
    """The tokens of a file, read again when it changes.

        [[token]]
        name = "listings-de"
        sha256 = "..."
        collections = ["spring", "autumn"]      # left out: all

    Only digests are in the file. Tokens have 256 random bits, so a plain digest cannot be turned back.
    """

    def __init__(self, file: Path) -> None:
        """Raises BadOption for a file that cannot be used."""
        self._file = file
        self._seen = self._stat()
        self._callers = _read(file)

    def caller(self, authorization: str) -> Caller | None:
        """Whose the metadata `authorization` is, None for nobody's."""
        self._refresh()
        if not authorization.startswith(_SCHEME):
            return None
        digest, found = _digest(authorization.removeprefix(_SCHEME)), None
        for known, caller in self._callers.items():  # all of them, so that the time tells nothing
            if hmac.compare_digest(known, digest):
                found = caller
        return found

    def _refresh(self) -> None:
        """Take what a changed file says; one that cannot be read leaves the tokens as they are."""
        try:
            if (stat := self._stat()) != self._seen:
                self._seen, self._callers = stat, _read(self._file)
        except BadOption as error:
            print(f"the tokens stay as they were: {error}", flush=True)

    def _stat(self) -> tuple[int, int, int]:
        try:
            stat = os.stat(self._file)
        except OSError as error:
            raise BadOption(f"the tokens file cannot be read: {error.strerror}") from None
        return stat.st_ino, stat.st_mtime_ns, stat.st_size


def add_token(file: Path, name: str, collections: Sequence[str] = ()) -> str:
    """A new token under `name`, limited to `collections` if any; its digest is added to the file, for its owner alone.

    Raises BadOption for an impossible name, one that is there already, and a file that cannot be used.
    """
    if not _NAME.fullmatch(name):
        raise BadOption("a token's name has up to 64 letters, digits, dots, dashes and underscores")
    for collection in collections:
        check_name(collection)
    callers = list(_read(file).values()) if file.exists() else []
    if any(caller.name == name for caller in callers):
        raise BadOption(f"there is a token {name!r} already; remove its lines to replace it")
    token = secrets.token_urlsafe(32)
    lines = ["[[token]]", f"name = {json.dumps(name)}", f'sha256 = "{_digest(token)}"']
    if collections:
        lines.append(f"collections = {json.dumps(list(collections))}")
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "a", encoding="utf-8") as opened:
            opened.write("\n".join([*lines, "", ""]))
    except OSError as error:
        raise BadOption(f"{file} cannot be written: {error.strerror}") from None
    return token


def _read(file: Path) -> dict[str, Caller]:
    try:
        entries: Iterable[Any] = tomllib.loads(file.read_text(encoding="utf-8")).get("token", [])
        callers = {_checked_digest(entry["sha256"]): _caller(entry) for entry in entries}
    except OSError as error:
        raise BadOption(f"the tokens file cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError, TypeError, AttributeError, ValueError):
        raise BadOption(
            "the tokens file is not TOML with [[token]] tables of name, sha256 and collections; "
            "`seamline gateway-token` writes them"
        ) from None
    if not callers:
        raise BadOption("the tokens file holds no token; `seamline gateway-token` makes one")
    return callers


def _caller(entry: dict[str, Any]) -> Caller:
    limited = entry.get("collections")
    return Caller(str(entry["name"]), None if limited is None else frozenset(map(check_name, limited)))


def _checked_digest(digest: str) -> str:
    if not _DIGEST.fullmatch(digest):
        raise ValueError("not a digest")
    return digest


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
