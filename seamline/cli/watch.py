"""`seamline watch`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from seamline.cli import options
from seamline.cli.desk import Database, Folder, Moved
from seamline.cli.exits import DONE, INTERRUPTED, NOTHING
from seamline.cli.output import console, info, printable, show, show_json
from seamline.cli.photos import InFlight
from seamline.cli.progress import reported
from seamline.connections import MILVUS_TIMEOUT, open_index
from seamline.core.extras import requires_extra

if TYPE_CHECKING:
    from seamline.desk.store.models import Watch
    from seamline.desk.watching.options import Options
    from seamline.desk.watching.progress import Progress
    from seamline.desk.watching.watcher import Watcher

_SHOWN = 20
"""Problems that the summary lists."""


def watch(
    listings: Annotated[
        str, typer.Argument(metavar="LISTINGS", help="Collection to look through.", show_default=False)
    ],
    originals: Annotated[str, typer.Option(metavar="NAME", help="Collection of what is protected.")],
    at_least: Annotated[
        float | None,
        typer.Option(
            metavar="P",
            min=0.0,
            max=1.0,
            help="Copy probability from which a garment is a suspect; a lower one than before screens all again.",
            show_default="what it was, at first 0.5",
        ),
    ] = None,
    folder: Folder = None,
    database: Database = None,
    again: Annotated[
        bool, typer.Option("--again", help="Screen all listings again, as after originals were added.")
    ] = False,
    once: Annotated[bool, typer.Option("--once", help="Screen what is new, then end.")] = False,
    every: Annotated[
        float, typer.Option(metavar="SECONDS", min=1.0, help="How often to look for new listings.")
    ] = 30.0,
    photos: Moved = None,
    in_flight: InFlight = 4,
    as_json: options.AsJson = False,
    url: options.Url = None,
    milvus: options.Milvus = None,
) -> int:
    """Screen new garments of a collection against the originals, and queue what looks like a copy for the desk."""
    with requires_extra("desk", "the desk's queue"):
        from seamline.desk.watching.options import Options
    how = Options(photos=photos, in_flight=in_flight)
    asked = _Asked(listings, originals, at_least, again)
    with _watcher(asked, (folder, database), (url, milvus), how) as (watching, worker):
        stopped = _worked(worker, once, every)
    if as_json:
        show_json(_to_jsonable(watching, worker.progress))
    else:
        _show_summary(watching, worker.progress)
    if stopped:
        info("stopped; what was screened is kept. The same command goes on from here.")
        return INTERRUPTED
    return NOTHING if worker.progress.failed and not worker.progress.done else DONE


class _Asked(NamedTuple):
    """What `begin_watch` takes."""

    listings: str
    originals: str
    at_least: float | None
    again: bool


@contextmanager
def _watcher(
    asked: _Asked,
    where: tuple[Path | None, str | None],
    service: tuple[str | None, str | None],
    how: Options,
) -> Iterator[tuple[Watch, Watcher]]:
    """`where`: the desk's folder and database; `service`: the server's address and its Milvus."""
    from seamline.desk.model_server import ModelServer
    from seamline.desk.settings import DeskSettings, default_folder
    from seamline.desk.store import open_store
    from seamline.desk.watching.begin import begin_watch, check_parts
    from seamline.desk.watching.watcher import Watcher

    url, milvus = service
    settings = DeskSettings(folder=where[0] or default_folder(), database=where[1])
    with closing(ModelServer(url, bulk=True)) as server:
        index = partial(open_index, milvus, url, MILVUS_TIMEOUT)
        check_parts(server, index, asked.listings, asked.originals)
        with closing(open_store(settings.database_url)) as store:
            watching = begin_watch(store, *asked[:3], again=asked.again)
            yield watching, Watcher(store, watching, server, index, how)


def _worked(worker: Watcher, once: bool, every: float) -> bool:
    """Whether somebody stopped it."""
    from seamline.desk.watching.progress import told

    try:
        with reported() as report, told(lambda: worker.progress, lambda now: report(*_bar(now), _state(now))):
            if once:
                worker.look()
            else:
                worker.keep_looking(every)
    except KeyboardInterrupt:
        worker.stop()
        return True
    return False


def _bar(progress: Progress) -> tuple[int, int]:
    """How many garments are dealt with, and of how many."""
    tried = progress.done + progress.failed
    return tried, max(tried, progress.total)


def _state(progress: Progress) -> str:
    """What is done, and what is waited for."""
    done = f"{progress.done:,} garments screened, {progress.suspects:,} new suspects"
    failed = f", {progress.failed:,} could not be screened" if progress.failed else ""
    resting = "" if progress.looking else "; waiting for new listings"
    waiting = f"; waiting: {progress.waiting_for}" if progress.waiting_for else resting
    return f"{done}{failed}{waiting}"


def _to_jsonable(watching: Watch, progress: Progress) -> dict[str, object]:
    """The summary for programs. `problems` lists the first, `failed` counts all."""
    return {
        "listings": watching.listings,
        "originals": watching.originals,
        "at_least": watching.at_least,
        "screened": progress.done,
        "suspects": progress.suspects,
        "failed": progress.failed,
        "problems": [vars(problem) for problem in progress.problems],
        "seconds": round(progress.seconds, 3),
    }


def _show_summary(watching: Watch, progress: Progress) -> None:
    names = f"{printable(watching.listings)} against {printable(watching.originals)}"
    show(
        f"{names}: {progress.done:,} garments screened in {progress.seconds:.1f} s, {progress.suspects:,} new suspects "
        f"with a copy probability of {watching.at_least:g} or more"
    )
    if not progress.failed:
        return
    from seamline.cli.tables import table

    rows = table("not screened", "photo", "why")
    for problem in progress.problems[:_SHOWN]:
        rows.add_row(printable(problem.item), printable(problem.photo), printable(problem.reason))
    console().print()
    show(rows)
    if progress.failed > _SHOWN:
        show(f"and {progress.failed - _SHOWN:,} more; all are tried again by the next watch")
