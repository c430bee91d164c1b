"""`seamline collections` and `seamline collections drop`."""

from __future__ import annotations

import sys
from contextlib import closing
from typing import TYPE_CHECKING, Annotated

import typer

from seamline.cli import given
from seamline.cli.exits import BAD_INPUT, DONE
from seamline.cli.screen import complain, printable, remark, show, show_json
from seamline.core.errors import BadOption

if TYPE_CHECKING:
    from seamline.index import CollectionInfo, Index


def open_index(milvus: str | None, url: str | None = None, timeout: float = 10.0) -> Index:
    """The index at `milvus`, by default that of the server of this machine; `timeout` in seconds is for one call.

    Raises BadOption for another server at `url` whose Milvus nobody has named.
    """
    from seamline.client.address import local_server
    from seamline.index import Index, IndexSettings

    here = local_server()
    if milvus is None and url is not None and url != here.get("grpc"):
        raise BadOption(f"which Milvus belongs to the server {url}? Name it with --milvus or SEAMLINE_MILVUS_URI")
    if milvus is None and "milvus" in here:  # token and certificates in the environment are for another one
        return Index(here["milvus"], timeout=timeout, settings=IndexSettings.from_environment())
    return Index.from_environment(milvus, timeout)


def list_collections(context: typer.Context, as_json: given.AsJson = False, milvus: given.Milvus = None) -> int:
    """List the collections with their garments and the weights that made them."""
    if context.invoked_subcommand is not None:
        return DONE
    with closing(open_index(milvus)) as index:
        found = index.collections()
    if as_json:
        show_json([_plain(info) for info in found])
    elif not found:
        remark("there is no collection yet; `seamline index FOLDER --collection NAME` makes one")
    else:
        _show_table(found)
    return DONE


def _plain(info: CollectionInfo) -> dict[str, object]:
    return {
        "name": info.name,
        "garments": info.rows,
        "fingerprint": info.fingerprint,
        "physical": info.physical,
        "kept": [
            {"garments": kept.rows, "fingerprint": kept.fingerprint, "physical": kept.physical, "state": kept.state}
            for kept in info.kept
        ],
    }


def _show_table(found: list[CollectionInfo]) -> None:
    from seamline.cli.tables import table

    rows = table("collection", ">garments", "fingerprint", "state")
    for info in found:
        state = "answers" if info.physical else "nothing answers yet"
        rows.add_row(printable(info.name), f"{info.rows:,}", info.fingerprint[:16], state)
        for kept in info.kept:
            rows.add_row("", f"{kept.rows:,}", kept.fingerprint[:16], kept.state)
    show(rows)


def drop_collection(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The collection.", show_default=False)],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    milvus: given.Milvus = None,
) -> int:
    """Delete a collection for good, with what is kept beside it."""
    with closing(open_index(milvus)) as index:
        collection = index.open(name)
        if not yes and not _confirmed(name, collection.rows()):
            return BAD_INPUT
        index.drop(name)
    remark(f"dropped {printable(name)}")
    return DONE


def _confirmed(name: str, rows: int) -> bool:
    if not sys.stdin.isatty():
        complain("dropping needs --yes when nobody can be asked")
        return False
    return typer.confirm(f"Delete the collection {printable(name)} with {rows:,} garments?", err=True)
