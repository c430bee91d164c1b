"""Options that several commands share, and how their texts are read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from seamline.core.errors import BadBox, BadOption
from seamline.core.printable import printable

_LONGEST_JSON = 1_000_000
"""Bytes that are read of a file of landmarks, hundreds of times those of sixteen garments."""

Photo = Annotated[
    Path,
    typer.Argument(
        metavar="PHOTO", exists=True, dir_okay=False, help="The photo: JPEG, PNG or WebP.", show_default=False
    ),
]
OtherPhoto = Annotated[
    Path, typer.Argument(metavar="PHOTO", exists=True, dir_okay=False, help="The second photo.", show_default=False)
]
Url = Annotated[
    str | None,
    typer.Option(
        metavar="HOST:PORT",
        envvar="SEAMLINE_URL",
        help="gRPC address of the server; by default the one that `seamline up` started here.",
    ),
]
Milvus = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        envvar="SEAMLINE_MILVUS_URI",
        help="Milvus of the server; by default the one that `seamline up` started here.",
    ),
]
System = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="System whose vectors are wanted, by default the server's own; `seamline systems` lists all.",
    ),
]
Timeout = Annotated[float, typer.Option(metavar="SECONDS", help="How long one request may take.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs instead of tables.")]
Ranking = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="How hits are ranked; the system's own ranking where none is named."),
]
Weights = Annotated[
    str | None,
    typer.Option(
        metavar="PART=WEIGHT,...",
        help="What each part counts, such as collar=0.1,chest=0.4; parts not named count nothing.",
    ),
]
Landmarks = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE.json",
        exists=True,
        dir_okay=False,
        help="Corrected landmarks: a list of each garment's, as --json prints them, in the photo's pixels.",
    ),
]
Report = Annotated[
    Path | None,
    typer.Option(metavar="FILE.html", dir_okay=False, help="Write the evidence page to this file."),
]
Photos = Annotated[
    Path | None,
    typer.Option(
        metavar="FOLDER",
        help="For the report: where indexed photos lie that have moved, by path, item id or file name.",
    ),
]


def weights_of(text: str | None) -> dict[str, float] | None:
    """`collar=0.1,chest=0.4` by part. Raises BadOption."""
    return None if text is None else dict(_weight(part) for part in text.split(","))


def _weight(part: str) -> tuple[str, float]:
    name, equals, value = (piece.strip() for piece in part.partition("="))
    if not equals or not name:
        raise BadOption(f"--weights: {part!r} is not PART=WEIGHT, such as chest=0.4")
    try:
        return name, float(value)
    except ValueError:
        raise BadOption(f"--weights: {value!r} is not a number") from None


def box_of(text: str | None, option: str = "--box") -> tuple[float, ...] | None:
    """`x0,y0,x1,y1` as numbers. Raises BadBox."""
    if text is None:
        return None
    try:
        numbers = tuple(float(part) for part in text.split(","))
    except ValueError:
        numbers = ()
    if len(numbers) != 4:
        raise BadBox(f"{option}: {text!r} is not x0,y0,x1,y1 in the photo's pixels")
    return numbers


def landmarks_of(file: Path | None) -> list[Any] | None:
    """The list that a JSON file holds. Raises BadOption."""
    if file is None:
        return None
    try:
        with file.open("rb") as opened:
            found = json.loads(opened.read(_LONGEST_JSON))
    except OSError as error:
        raise BadOption(f"--landmarks: {printable(file)} cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, list):
        raise BadOption(f"--landmarks: {printable(file)} is no list in JSON of each garment's landmarks")
    return found
