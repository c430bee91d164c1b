"""What CSV and JSON Lines share: their encoding, and that a file that cannot be read says so in a sentence."""

from __future__ import annotations

import codecs
import contextlib
import re
from collections.abc import Iterator
from pathlib import Path

from seamline.core.errors import BadOption

_CHUNK = 1 << 20
UTF_8, LENIENT = "utf-8-sig", "surrogateescape"
"""Read leniently, a byte that is not UTF-8 becomes a character that no cell may hold, and so costs its row alone."""
_WRONG_BYTE, _BEYOND_ASCII = re.compile("[\udc80-\udcff]"), re.compile("[^\0-\x7f\udc80-\udcff]")
_UTF_16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def chunks(path: Path) -> Iterator[bytes]:
    """The file's bytes, a megabyte at a time. Raises BadOption when it cannot be read."""
    with readable(path), path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk


def text_chunks(path: Path, encoding: str) -> Iterator[str]:
    """The file's text, a million characters at a time. Raises BadOption when it cannot be read."""
    with readable(path), path.open(newline="", encoding=encoding, errors=LENIENT) as file:
        while chunk := file.read(_CHUNK):
            yield chunk


@contextlib.contextmanager
def readable(path: Path) -> Iterator[None]:
    """Turn what is said of a file that cannot be read, or is no text any more, into BadOption."""
    try:
        yield
    except UnicodeDecodeError as error:
        raise BadOption(f"{path} has been changed while it was read, and is no longer text") from error
    except OSError as error:
        raise BadOption(f"{path} cannot be read: {error.strerror or error}") from error


def encoding_of(path: Path) -> str:
    """UTF-8, with or without a byte order mark, or the UTF-16 that Excel and PowerShell write."""
    with readable(path), path.open("rb") as file:
        head = file.read(2)
    if head in _UTF_16_MARKS:
        return "utf-16"
    if head[1:] == b"\0":
        return "utf-16-le"
    return "utf-16-be" if head[:1] == b"\0" else UTF_8


def check_encoding(path: Path, encoding: str) -> None:
    """Read the file once. Raises BadOption for one in another encoding, naming the first place that shows it.

    Where a file is UTF-8 beyond ASCII anywhere, bytes that are not are damage to their rows and no other encoding.
    """
    decoder = codecs.getincrementaldecoder(encoding)(errors=LENIENT if encoding == UTF_8 else "strict")
    line, column = 1, 0
    problem = ""
    try:
        for chunk in chunks(path):
            text = decoder.decode(chunk)
            if _BEYOND_ASCII.search(text):
                return
            wrong = _WRONG_BYTE.search(text)
            if wrong is not None and not problem:
                problem = _at(path, *_after(text[: wrong.start()], line, column), _not_utf_8(wrong[0]))
            line, column = _after(text, line, column)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        raise BadOption(_at(path, line, column, "this is not UTF-16 any more; save the manifest as UTF-8")) from None
    if problem:
        raise BadOption(problem)


def _after(text: str, line: int, column: int) -> tuple[int, int]:
    """Line and characters of that line so far, after `text`."""
    before, newline, last = text.rpartition("\n")
    return (line + before.count("\n") + 1, len(last)) if newline else (line, column + len(last))


def _at(path: Path, line: int, column: int, problem: str) -> str:
    return f"{path}, line {line}, character {column + 1}: {problem}"


def _not_utf_8(wrong: str) -> str:
    byte = wrong.encode(errors=LENIENT)
    character = byte.decode("cp1252", errors="ignore")
    reading = f"; in Windows-1252 it is {character}" if character.isprintable() and character else ""
    return f"the byte 0x{byte.hex().upper()} is not UTF-8{reading}; save the manifest as UTF-8, in Excel as `CSV UTF-8`"
