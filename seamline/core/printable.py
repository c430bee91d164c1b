"""Texts of others on a terminal and in a spreadsheet: what they say, and nothing that steers either."""

from __future__ import annotations

import sys
import unicodedata

_FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What spreadsheets take for the beginning of a formula, the last four in full width."""


def printable(text: object) -> str:
    """The text with control, format and line separator characters spelled out, and those that stdout cannot show."""
    visible = "".join(_visible(character) for character in str(text))
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    return visible.encode(encoding, "backslashreplace").decode(encoding)


def csv_cell(text: object) -> str:
    """A cell for text of others: printable, and with an apostrophe before what would be a formula.

    Spreadsheets show the cell without the apostrophe. Blanks before a formula do not hide it.
    """
    cell = printable(text)
    return f"'{cell}" if cell.lstrip().startswith(_FORMULA) else cell


def _visible(character: str) -> str:
    return repr(character)[1:-1] if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp") else character
