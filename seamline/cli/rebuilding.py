"""`seamline collections rebuild`, `rollback` and `prune`."""

from __future__ import annotations

import dataclasses
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from seamline.cli import options, photos
from seamline.cli.exits import BAD_INPUT, DONE, INTERRUPTED, NOTHING
from seamline.cli.indexing import show_summary, watched
from seamline.cli.output import error, info, printable, show
from seamline.cli.progress import counted
from seamline.connections import MILVUS_TIMEOUT, TIMEOUT, batch_client, open_index

if TYPE_CHECKING:
    from seamline.catalogue import PhotoReader, Progress, Source
    from seamline.client import Client
    from seamline.index import Collection, Index

_Name = Annotated[str, typer.Argument(metavar="NAME", help="The collection.", show_default=False)]


@dataclasses.dataclass(frozen=True)
class _How:
    in_flight: int
    anyway: bool
    reader: PhotoReader
    failures: Path | None
    url: str | None
    system: str | None
    timeout: float


def rebuild(
    name: _Name,
    source: Annotated[
        Path | None,
        typer.Argument(
            metavar="[FOLDER|MANIFEST]",
            exists=True,
            help="Photos to embed anew with the server's weights; without it the stored vectors are taken.",
            show_default=False,
        ),
    ] = None,
    system: options.System = None,
    in_flight: photos.InFlight = 4,
    failures: photos.Failures = None,
    allow_urls: photos.AllowUrls = False,
    url_seconds: photos.UrlSeconds = 20.0,
    url_bytes: photos.UrlBytes = 20_000_000,
    anyway: Annotated[bool, typer.Option("--anyway", help="Publish it also when photos or rows have failed.")] = False,
    url: options.Url = None,
    milvus: options.Milvus = None,
    timeout: options.Timeout = TIMEOUT,
) -> int:
    """Fill a new collection beside the one that answers, and swap the two when it is whole; a stopped run goes on."""
    reader = photos.photo_reader(allow_urls, url_seconds, url_bytes)
    try:
        with closing(open_index(milvus, url if source else None, MILVUS_TIMEOUT)) as index:
            if source is None:
                return _copy(index, name)
            return _embed(index, name, source, _How(in_flight, anyway, reader, failures, url, system, timeout))
    except KeyboardInterrupt:
        info(f"stopped; {printable(name)} answers as before. The same command goes on from here.")
        return INTERRUPTED


def _copy(index: Index, name: str) -> int:
    from seamline.index.copying import copy_collection

    with counted("garments") as report:
        _tell_published(copy_collection(index, index.open(name), report))
    return DONE


def _embed(index: Index, name: str, source: Path, how: _How) -> int:
    from seamline.catalogue import left_out, open_source

    opened = open_source(source)
    if not photos.names_photos(opened, source):
        return NOTHING
    with batch_client(how.url, how.system, how.timeout) as client:
        versions = client.versions()
        new = index.build_beside(name, versions.fingerprint, versions.shape)
        progress = _filled(opened, source, client, new, how)
    show_summary(name, progress, left_out(opened), dry_run=False)
    if progress.failed and not how.anyway:
        error(
            f"{progress.failed:,} photos failed, so {printable(name)} answers as before; repeat the command, or "
            "publish the rest with --anyway"
        )
        return NOTHING
    if progress.not_removed:
        error(
            f"{printable(name)} answers as before: what is filled has garments that the source may no longer name, and "
            f"{progress.not_removed}; mend the source, or begin anew after `seamline collections prune "
            f"{printable(name)} --unfinished`"
        )
        return BAD_INPUT
    with counted("garments indexed") as report:
        index.publish(new, report)
    _tell_published(new)
    return DONE


def _filled(opened: Source, source: Path, client: Client, new: Collection, how: _How) -> Progress:
    from seamline.catalogue import Options, RunContext, failure_file, index_into

    run_options = Options(in_flight=how.in_flight, prune=True, prune_most=True)
    with failure_file(how.failures, source) as failed, watched() as report:
        context = RunContext(photos=how.reader, failures=failed, report=report, count=opened.count)
        return index_into(opened, client, new, run_options, context)


def rollback(name: _Name, milvus: options.Milvus = None) -> int:
    """Let the collection before the present one answer again."""
    with closing(open_index(milvus)) as index:
        before = index.open(name)
        now = index.rollback(name)
    info(f"{printable(name)} is {now.physical} again; {before.physical} is kept")
    return DONE


def prune(
    name: _Name,
    unfinished: Annotated[bool, typer.Option("--unfinished", help="Also what a rebuild has begun to fill.")] = False,
    milvus: options.Milvus = None,
) -> int:
    """Delete the collections that are kept beside the one that answers."""
    with closing(open_index(milvus)) as index:
        removed = index.prune(name, unfinished)
    for physical in removed:
        show(physical)
    info(f"{len(removed)} removed" if removed else f"nothing is kept beside {printable(name)}")
    return DONE


def _tell_published(collection: Collection) -> None:
    info(
        f"{printable(collection.name)} is {collection.physical} now, with {collection.rows():,} garments; "
        f"`seamline collections rollback {printable(collection.name)}` goes back"
    )
