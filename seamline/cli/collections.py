"""`seamline collections` and `seamline collections drop`."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from contextlib import closing
from typing import TYPE_CHECKING, Annotated

import typer

from seamline.cli import options
from seamline.cli.exits import BAD_INPUT, DONE
from seamline.cli.output import error, info, printable, show, show_json
from seamline.cli.systems import installed_systems
from seamline.connections import open_index

if TYPE_CHECKING:
    from seamline.index import CollectionInfo, CollectionVersion


def list_collections(context: typer.Context, as_json: options.AsJson = False, milvus: options.Milvus = None) -> int:
    """List the collections with their garments, and the weights and the system that made them."""
    if context.invoked_subcommand is not None:
        return DONE
    with closing(open_index(milvus)) as index:
        found = index.collections()
    if as_json:
        systems = installed_systems()
        show_json([_to_jsonable(collection, systems) for collection in found])
    elif not found:
        info("there is no collection yet; `seamline index FOLDER --collection NAME` makes one")
    else:
        _show_table(found, installed_systems())
    return DONE


def _to_jsonable(collection: CollectionInfo, systems: Mapping[str, str]) -> dict[str, object]:
    return {
        "name": collection.name,
        "garments": collection.rows,
        "fingerprint": collection.fingerprint,
        "system": systems.get(collection.fingerprint),
        "physical": collection.physical,
        "kept": [
            {"garments": kept.rows, "fingerprint": kept.fingerprint, "physical": kept.physical, "state": kept.state}
            for kept in collection.kept
        ],
    }


def _show_table(found: list[CollectionInfo], systems: Mapping[str, str]) -> None:
    from seamline.cli.tables import table

    rows = table("collection", ">garments", "fingerprint", "system", "state")
    for collection in found:
        state = "answers" if collection.physical else "nothing answers yet"
        rows.add_row(printable(collection.name), f"{collection.rows:,}", *_weights(collection, systems), state)
        for kept in collection.kept:
            rows.add_row("", f"{kept.rows:,}", *_weights(kept, systems), kept.state)
    show(rows)


def _weights(collection: CollectionInfo | CollectionVersion, systems: Mapping[str, str]) -> tuple[str, str]:
    """Fingerprint, and the system where its weights are installed here."""
    return collection.fingerprint[:16], systems.get(collection.fingerprint, "-")


def drop_collection(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The collection.", show_default=False)],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    milvus: options.Milvus = None,
) -> int:
    """Delete a collection for good, with what is kept beside it."""
    with closing(open_index(milvus)) as index:
        collection = index.open(name)
        if not yes and not _confirmed(name, collection.rows()):
            return BAD_INPUT
        index.drop(name)
    info(f"dropped {printable(name)}")
    return DONE


def _confirmed(name: str, rows: int) -> bool:
    if not sys.stdin.isatty():
        error("dropping needs --yes when nobody can be asked")
        return False
    return typer.confirm(f"Delete the collection {printable(name)} with {rows:,} garments?", err=True)
