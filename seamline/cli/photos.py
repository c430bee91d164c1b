"""The options of commands that embed the photos of a source, and what they stand for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from seamline.cli.indexing import kinds_of
from seamline.cli.output import info, printable

if TYPE_CHECKING:
    from seamline.catalogue import PhotoReader, Source

InFlight = Annotated[int, typer.Option(metavar="N", min=1, max=64, help="Requests at a time.")]
Failures = Annotated[
    Path | None,
    typer.Option(metavar="FILE.jsonl", dir_okay=False, help="Write what failed here; the file is a manifest again."),
]
AllowUrls = Annotated[bool, typer.Option("--allow-urls", help="Fetch photos from http and https URLs.")]
UrlSeconds = Annotated[float, typer.Option(metavar="SECONDS", min=0.1, help="How long fetching one may take.")]
UrlBytes = Annotated[int, typer.Option(metavar="BYTES", min=1, help="How large a fetched one may be.")]


def photo_reader(allow_urls: bool, seconds: float, most: int) -> PhotoReader:
    """What reads photos: files, and URLs where they are allowed."""
    from seamline.catalogue import Downloader, DownloadLimits, PhotoReader

    return PhotoReader(Downloader(DownloadLimits(most, seconds)) if allow_urls else None)


def names_photos(source: Source, path: Path) -> bool:
    """Whether the folder or manifest has a photo or a row; a sentence on stderr says so where it has none."""
    from seamline.catalogue import left_out
    from seamline.catalogue.sources import Folder

    if next(iter(source), None) is not None:
        return True
    name, kinds = printable(path), left_out(source)
    nothing = (
        f"there is no JPEG, PNG or WebP photo in {name}" if isinstance(source, Folder) else f"{name} names no photo"
    )
    info(f"{nothing}; left out: {kinds_of(kinds)}" if kinds else nothing)
    return False
