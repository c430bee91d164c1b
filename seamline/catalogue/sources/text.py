"""What CSV and JSON Lines share: the file is UTF-8 as a whole, or refused before anything is done."""

from __future__ import annotations

import codecs
import contextlib
from collections.abc import Iterator
from pathlib import Path

from seamline.core.errors import BadOption

_CHUNK = 1 << 20


def chunks(path: Path) -> Iterator[bytes]:
    """The file's bytes, a megabyte at a time. Raises BadOption when it cannot be read."""
    with readable(path), path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk


@contextlib.contextmanager
def readable(path: Path) -> Iterator[None]:
    """Turn what is said of a file that cannot be read, or is no text any more, into BadOption."""
    try:
        yield
    except UnicodeDecodeError as error:
        raise BadOption(f"{path} has been changed while it was read, and is no longer UTF-8") from error
    except OSError as error:
        raise BadOption(f"{path} cannot be read: {error.strerror or error}") from error


def check_utf8(path: Path) -> None:
    """Read the file once. Raises BadOption naming the line of the first byte that is not UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    line = 1
    try:
        for chunk in chunks(path):
            decoder.decode(chunk)
            line += chunk.count(b"\n")
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        line += error.object[: error.start].count(b"\n")
        raise BadOption(f"{path}, line {line}: this is not UTF-8; save the manifest as UTF-8") from None
