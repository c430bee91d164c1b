"""`seamline index`."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from seamline.cli import options, photos
from seamline.cli.exits import BAD_INPUT, DONE, INTERRUPTED, NOTHING
from seamline.cli.indexing import show_summary, to_jsonable, watched
from seamline.cli.output import error, info, show_json
from seamline.connections import MILVUS_TIMEOUT, TIMEOUT, batch_client, open_index

if TYPE_CHECKING:
    from seamline.catalogue import Options, Progress, RunContext, Source

_Source = Annotated[
    Path,
    typer.Argument(
        metavar="FOLDER|MANIFEST",
        exists=True,
        help="A folder of photos, or a manifest: .csv, .tsv, .jsonl or .parquet with the columns item and photo.",
        show_default=False,
    ),
]
_DryRun = Annotated[bool, typer.Option("--dry-run", help="Read and check everything, say what would be done, do none.")]
_Journal = Annotated[
    Path | None,
    typer.Option(metavar="FILE", dir_okay=False, help="Journal of finished photos; by default in the state folder."),
]
_Verify = Annotated[bool, typer.Option("--verify", help="Compare contents and metadata, whatever the journal says.")]
_Prune = Annotated[bool, typer.Option("--prune", help="Remove garments that the source no longer has.")]
_Yes = Annotated[bool, typer.Option("--yes", "-y", help="With --prune: also when that is most of the collection.")]


def index(
    source: _Source,
    collection: Annotated[
        str, typer.Option(metavar="NAME", help="Collection to add to; made when missing.")
    ] = "catalogue",
    system: options.System = None,
    in_flight: photos.InFlight = 4,
    dry_run: _DryRun = False,
    failures: photos.Failures = None,
    journal: _Journal = None,
    verify: _Verify = False,
    prune: _Prune = False,
    yes: _Yes = False,
    allow_urls: photos.AllowUrls = False,
    url_seconds: photos.UrlSeconds = 20.0,
    url_bytes: photos.UrlBytes = 20_000_000,
    as_json: options.AsJson = False,
    url: options.Url = None,
    milvus: options.Milvus = None,
    timeout: options.Timeout = TIMEOUT,
) -> int:
    """Add a folder or a manifest of photos to a collection; what is there already is skipped."""
    from seamline.catalogue import Options, Progress, RunContext, failure_file, left_out, open_source
    from seamline.catalogue.progress import EMPTY

    opened = open_source(source)
    if not photos.names_photos(opened, source):
        nothing = Progress(not_removed=EMPTY if prune else "")
        if as_json:
            show_json(to_jsonable(collection, nothing, left_out(opened), dry_run=dry_run))
        return _exit_code(nothing)
    run_options = Options(in_flight=in_flight, verify=verify, prune=prune, prune_most=yes)
    reader = photos.photo_reader(allow_urls, url_seconds, url_bytes)
    try:
        with failure_file(failures, source) as failed, watched() as report:
            context = RunContext(journal, reader, failed, report, opened.count)
            progress = _run(opened, collection, run_options, context, dry_run, (url, milvus, system, timeout))
    except KeyboardInterrupt:
        info("stopped; what was indexed is kept. The same command goes on from here.")
        return INTERRUPTED
    if as_json:
        show_json(to_jsonable(collection, progress, left_out(opened), dry_run=dry_run))
    else:
        show_summary(collection, progress, left_out(opened), dry_run=dry_run)
    return _exit_code(progress)


def _run(
    opened: Source,
    collection: str,
    run_options: Options,
    context: RunContext,
    dry_run: bool,
    service: tuple[str | None, str | None, str | None, float],
) -> Progress:
    from seamline.catalogue import index_items, preview_items

    url, milvus, system, timeout = service
    with (
        closing(open_index(milvus, url, MILVUS_TIMEOUT)) as store,
        batch_client(url, system, timeout) as client,
    ):
        run = preview_items if dry_run else index_items
        return run(opened, client, store, collection, run_options, context)


def _exit_code(progress: Progress) -> int:
    if progress.not_removed:
        error(f"nothing was removed: {progress.not_removed}")
        return BAD_INPUT
    return NOTHING if progress.failed == progress.done else DONE
