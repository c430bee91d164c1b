"""What the commands print: results on stdout, information and errors on stderr.

Texts from files and servers are printed as they are, except that control characters are spelled out, as an item's
id must not be able to steer the terminal, and so are characters that the terminal's encoding lacks.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from seamline.core.printable import printable

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from seamline.core.photo_warnings import PhotoWarning

__all__ = ["console", "error", "info", "printable", "show", "show_json", "show_warnings"]

_PIPED_WIDTH = 10_000


def console(stream: IO[str] | None = None) -> Console:
    """A console on `stream`, by default stdout; without a terminal lines are never folded or coloured."""
    from rich.console import Console

    target = stream or sys.stdout
    width = None if target.isatty() or os.environ.get("COLUMNS") else _PIPED_WIDTH
    return Console(file=target, width=width, highlight=False, markup=False, emoji=False)


def show(what: RenderableType) -> None:
    """Print a result; tables without the blanks that fill up their last column."""
    out = console()
    with out.capture() as captured:
        out.print(what, soft_wrap=isinstance(what, str))
    sys.stdout.write("\n".join(line.rstrip() for line in captured.get().split("\n")))


def show_json(data: Any) -> None:
    """Print a result as one JSON document on one line."""
    sys.stdout.write(json.dumps(data, allow_nan=False) + "\n")


def info(text: str) -> None:
    """Print something that is not a result."""
    console(sys.stderr).print(text, soft_wrap=True)


def show_warnings(photo: Path, warnings: Iterable[PhotoWarning]) -> None:
    """What an answer says of a photo that it could not take as it is."""
    for warning in warnings:
        info(f"{printable(photo)}: {warning.message}")


def error(text: str) -> None:
    """Print an error: one line that begins with `error:`."""
    from rich.text import Text

    console(sys.stderr).print(Text.assemble(("error: ", "bold red"), printable(text)), soft_wrap=True)
