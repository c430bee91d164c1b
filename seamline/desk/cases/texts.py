"""What people type into a case: how long it may be, and which characters it may hold."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from seamline.core.errors import BadOption

LONGEST_TITLE, LONGEST_REFERENCE, LONGEST_NAME = 200, 100, 100
LONGEST_NOTE, LONGEST_NOTICE = 10_000, 50_000
MOST_PEOPLE = 50

_BREAKS = "\n\t"


def line(text: str, called: str, most: int) -> str:
    """One line, without blanks around it. Raises BadOption for one that is longer or holds other than text."""
    return _checked(text.strip(), called, most, "")


def title(text: str) -> str:
    """Of a case. Raises BadOption for none as well."""
    cleaned = line(text, "title", LONGEST_TITLE)
    if not cleaned:
        raise BadOption("give the case a title")
    return cleaned


def reference(text: str) -> str:
    """Of a case, as its people number it elsewhere."""
    return line(text, "reference", LONGEST_REFERENCE)


def note(text: str) -> str:
    """Of a pair."""
    return _passage(text, "note", LONGEST_NOTE)


def notice(text: str) -> str:
    """Of a case."""
    return _passage(text, "notice", LONGEST_NOTICE)


def people(names: Sequence[str]) -> list[str]:
    """Names in their order, each once."""
    cleaned = [line(name, "name", LONGEST_NAME) for name in names]
    found = list(dict.fromkeys(name for name in cleaned if name))
    if len(found) > MOST_PEOPLE:
        raise BadOption(f"a case names at most {MOST_PEOPLE} people")
    return found


def _passage(text: str, called: str, most: int) -> str:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return _checked("\n".join(line.rstrip() for line in lines).strip("\n"), called, most, _BREAKS)


def _checked(text: str, called: str, most: int, breaks: str) -> str:
    if len(text) > most:
        raise BadOption(f"the {called} has {len(text):,} characters; at most {most:,} are kept")
    if any(unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp") and letter not in breaks for letter in text):
        raise BadOption(f"the {called} holds characters that cannot be seen; leave them out")
    return text
