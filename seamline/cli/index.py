"""`seamline index`."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from seamline.cli import given
from seamline.cli.collections import open_index
from seamline.cli.exits import DONE, INTERRUPTED, NOTHING
from seamline.cli.indexing import watched
from seamline.cli.screen import console, printable, remark, show, show_json

if TYPE_CHECKING:
    from seamline.catalogue import Item, Progress
    from seamline.index import Index

# Long enough for a supervised server to bring a dead step back in the middle of a run.
_TIMEOUT, _RETRIES = 90.0, 14

Source = Annotated[
    Path,
    typer.Argument(
        metavar="FOLDER|MANIFEST",
        exists=True,
        help="A folder of photos, or a CSV manifest with the columns item,photo.",
        show_default=False,
    ),
]


def index(
    source: Source,
    collection: Annotated[
        str, typer.Option(metavar="NAME", help="Collection to add to; made when missing.")
    ] = "catalogue",
    in_flight: Annotated[int, typer.Option(metavar="N", min=1, max=64, help="Requests at a time.")] = 4,
    as_json: given.AsJson = False,
    url: given.Url = None,
    milvus: given.Milvus = None,
    timeout: given.Timeout = _TIMEOUT,
) -> int:
    """Add a folder or a manifest of photos to a collection; what is there already is skipped."""
    from seamline.catalogue import read_items

    items = read_items(source)
    if not items:
        remark(f"there is no JPEG, PNG or WebP photo in {printable(source)}")
        return NOTHING
    try:
        with closing(open_index(milvus, url)) as store:
            progress = _run(items, collection, store, in_flight, url, timeout)
    except KeyboardInterrupt:
        remark("stopped; what was indexed is kept. The same command goes on from here.")
        return INTERRUPTED
    if as_json:
        show_json(_plain(collection, progress))
    else:
        _show(collection, progress)
    return NOTHING if len(progress.failures) == progress.total else DONE


def _run(items: list[Item], collection: str, store: Index, in_flight: int, url: str | None, timeout: float) -> Progress:
    from seamline.catalogue import index_items
    from seamline.client import Client

    with Client(url, timeout=timeout, retries=_RETRIES) as client, watched() as report:
        return index_items(items, client, store, collection, in_flight=in_flight, report=report)


def _plain(collection: str, progress: Progress) -> dict[str, object]:
    return {
        "collection": collection,
        "photos": progress.total,
        "indexed": _indexed(progress),
        "skipped": progress.skipped,
        "garments": progress.garments,
        "without_garment": progress.without_garment,
        "failed": [{"photo": str(failure.photo), "reason": failure.reason} for failure in progress.failures],
        "seconds": round(progress.seconds, 3),
    }


def _indexed(progress: Progress) -> int:
    return progress.done - progress.skipped - len(progress.failures)


def _show(collection: str, progress: Progress) -> None:
    from seamline.cli.tables import table

    rate = f", {_indexed(progress) / progress.seconds:.1f} a second" if progress.seconds > 0 else ""
    show(
        f"{printable(collection)}: {_indexed(progress):,} photos indexed with {progress.garments:,} garments "
        f"in {progress.seconds:.1f} s{rate}"
    )
    for count, what in (
        (progress.skipped, "were there already"),
        (progress.without_garment, "show no garment"),
    ):
        if count:
            show(f"{count:,} photos {what}")
    if progress.failures:
        rows = table("not indexed", "why")
        for failure in progress.failures:
            rows.add_row(printable(failure.photo), printable(failure.reason))
        console().print()
        show(rows)
