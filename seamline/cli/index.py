"""`seamline index`."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from seamline.cli import given
from seamline.cli.collections import open_index
from seamline.cli.exits import BAD_INPUT, DONE, INTERRUPTED, NOTHING
from seamline.cli.indexing import plain, show_summary, watched
from seamline.cli.screen import complain, printable, remark, show_json

if TYPE_CHECKING:
    from seamline.catalogue import Options, PhotoReader, Progress, Source, Surroundings

# Long enough for a supervised server to bring a dead step back in the middle of a run.
_TIMEOUT, _RETRIES = 90.0, 14
_MILVUS_TIMEOUT = 60.0  # a flush takes its time

_Source = Annotated[
    Path,
    typer.Argument(
        metavar="FOLDER|MANIFEST",
        exists=True,
        help="A folder of photos, or a manifest: .csv, .jsonl or .parquet with the columns item and photo.",
        show_default=False,
    ),
]
_InFlight = Annotated[int, typer.Option(metavar="N", min=1, max=64, help="Requests at a time.")]
_DryRun = Annotated[bool, typer.Option("--dry-run", help="Read and check everything, say what would be done, do none.")]
_Failures = Annotated[
    Path | None,
    typer.Option(metavar="FILE.jsonl", dir_okay=False, help="Write what failed here; the file is a manifest again."),
]
_Journal = Annotated[
    Path | None,
    typer.Option(metavar="FILE", dir_okay=False, help="Journal of finished photos; by default in the state folder."),
]
_Verify = Annotated[bool, typer.Option("--verify", help="Compare contents and metadata, whatever the journal says.")]
_Prune = Annotated[bool, typer.Option("--prune", help="Remove garments that the source no longer has.")]
_Yes = Annotated[bool, typer.Option("--yes", "-y", help="With --prune: also when that is most of the collection.")]
_AllowUrls = Annotated[bool, typer.Option("--allow-urls", help="Fetch photos from http and https URLs.")]
_UrlSeconds = Annotated[float, typer.Option(metavar="SECONDS", min=0.1, help="How long fetching one may take.")]
_UrlBytes = Annotated[int, typer.Option(metavar="BYTES", min=1, help="How large a fetched one may be.")]


def index(
    source: _Source,
    collection: Annotated[
        str, typer.Option(metavar="NAME", help="Collection to add to; made when missing.")
    ] = "catalogue",
    in_flight: _InFlight = 4,
    dry_run: _DryRun = False,
    failures: _Failures = None,
    journal: _Journal = None,
    verify: _Verify = False,
    prune: _Prune = False,
    yes: _Yes = False,
    allow_urls: _AllowUrls = False,
    url_seconds: _UrlSeconds = 20.0,
    url_bytes: _UrlBytes = 20_000_000,
    as_json: given.AsJson = False,
    url: given.Url = None,
    milvus: given.Milvus = None,
    timeout: given.Timeout = _TIMEOUT,
) -> int:
    """Add a folder or a manifest of photos to a collection; what is there already is skipped."""
    from seamline.catalogue import Options, failure_file, open_source

    opened = open_source(source)
    if next(iter(opened), None) is None:
        remark(f"there is no JPEG, PNG or WebP photo in {printable(source)}")
        return NOTHING
    options = Options(in_flight=in_flight, verify=verify, prune=prune, prune_most=yes)
    photos = _photos(allow_urls, url_seconds, url_bytes)
    try:
        with failure_file(failures, source) as failed, watched() as report:
            around = _around(opened, photos, journal=journal, failures=failed, report=report)
            progress = _run(opened, collection, options, around, dry_run, (url, milvus, timeout))
    except KeyboardInterrupt:
        remark("stopped; what was indexed is kept. The same command goes on from here.")
        return INTERRUPTED
    if as_json:
        show_json(plain(collection, progress, dry_run=dry_run))
    else:
        show_summary(collection, progress, dry_run=dry_run)
    return _exit_code(progress)


def _photos(allow_urls: bool, seconds: float, most: int) -> PhotoReader:
    from seamline.catalogue import Downloader, DownloadLimits, PhotoReader

    return PhotoReader(Downloader(DownloadLimits(most, seconds)) if allow_urls else None)


def _around(opened: Source, photos: PhotoReader, **given: object) -> Surroundings:
    from seamline.catalogue import Surroundings

    return Surroundings(photos=photos, count=opened.count, **given)  # type: ignore[arg-type]


def _run(
    opened: Source,
    collection: str,
    options: Options,
    around: Surroundings,
    dry_run: bool,
    service: tuple[str | None, str | None, float],
) -> Progress:
    from seamline.catalogue import index_items, preview_items
    from seamline.client import Client

    url, milvus, timeout = service
    with (
        closing(open_index(milvus, url, _MILVUS_TIMEOUT)) as store,
        Client(url, timeout=timeout, retries=_RETRIES, bulk=True) as client,
    ):
        run = preview_items if dry_run else index_items
        return run(opened, client, store, collection, options, around)


def _exit_code(progress: Progress) -> int:
    if progress.not_removed:
        complain(f"nothing was removed: {progress.not_removed}")
        return BAD_INPUT
    return NOTHING if progress.failed == progress.done else DONE
