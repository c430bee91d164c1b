"""`seamline collections export` and `import`."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from seamline.cli import options
from seamline.cli.exits import DONE
from seamline.cli.output import info, printable, show_json
from seamline.cli.progress import counted
from seamline.connections import open_index

_TIMEOUT = 60.0

_Files = Annotated[
    list[Path],
    typer.Argument(metavar="FILE|FOLDER...", exists=True, help="What `export` wrote.", show_default=False),
]


def export_collection(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The collection.", show_default=False)],
    file: Annotated[Path, typer.Argument(metavar="FILE.parquet", dir_okay=False, show_default=False)],
    as_json: options.AsJson = False,
    milvus: options.Milvus = None,
) -> int:
    """Write a collection to a Parquet file: vectors, boxes and metadata."""
    from seamline.index.transfer import export_collection as export

    with closing(open_index(milvus, timeout=_TIMEOUT)) as index, counted("garments") as report:
        collection = index.open(name)
        rows = export(collection, file, report)
    if as_json:
        show_json({"collection": name, "file": str(file), "garments": rows, "fingerprint": collection.fingerprint})
    else:
        info(f"{rows:,} garments of {printable(name)} are in {printable(file)}")
    return DONE


def import_files(
    files: _Files,
    collection: Annotated[str, typer.Option(metavar="NAME", help="The collection; made when missing.")] = "catalogue",
    as_json: options.AsJson = False,
    milvus: options.Milvus = None,
) -> int:
    """Load Parquet files into a collection; all are checked before anything is stored."""
    from seamline.index.transfer import import_files as load

    with closing(open_index(milvus, timeout=_TIMEOUT)) as index, counted("garments") as report:
        loaded = load(index, collection, files, report)
        rows = loaded.rows()
    if as_json:
        show_json({"collection": collection, "garments": rows, "fingerprint": loaded.fingerprint})
    else:
        info(f"{printable(collection)} holds {rows:,} garments")
    return DONE
