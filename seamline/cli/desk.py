"""`seamline desk`: the page where suspects are judged."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from seamline.cli import options
from seamline.cli.exits import DONE
from seamline.cli.output import info, show
from seamline.core.extras import requires_extra

Folder = Annotated[
    Path | None,
    typer.Option(
        metavar="FOLDER", file_okay=False, help="Where the desk keeps its work.", show_default="$SEAMLINE_HOME/desk"
    ),
]
Database = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        envvar="SEAMLINE_DESK_DATABASE",
        help="sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME.",
        show_default="a file in the folder",
    ),
]
Moved = Annotated[
    Path | None,
    typer.Option(metavar="FOLDER", help="Where indexed photos lie that have moved, by path, item id or file name."),
]


def desk(
    folder: Folder = None,
    database: Database = None,
    listen: Annotated[str, typer.Option(metavar="HOST:PORT", help="Where browsers reach it.")] = "127.0.0.1:8080",
    photos: Moved = None,
    indexed: Annotated[
        list[Path] | None,
        typer.Option(
            "--index-below", metavar="FOLDER", help="Folders that may be indexed from the browser; repeatable."
        ),
    ] = None,
    users: Annotated[
        Path | None,
        typer.Option(metavar="FILE", dir_okay=False, help="Who may sign in; `seamline desk-user` adds people."),
    ] = None,
    name: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="How letters and evidence call you, where nobody signs in.",
            show_default="the name of your account",
        ),
    ] = None,
    identity_header: Annotated[
        str | None, typer.Option(metavar="NAME", help="Header in which a proxy names the person it has signed in.")
    ] = None,
    proxy: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ADDRESS",
            help="A proxy whose word counts: who somebody is, and where from; repeatable.",
            show_default="this machine",
        ),
    ] = None,
    origin: Annotated[
        str | None, typer.Option(metavar="URL", help="How browsers name it, such as https://desk.example.com.")
    ] = None,
    timestamps: Annotated[
        str | None, typer.Option(metavar="URL", help="Authority for RFC 3161 time stamps of exported cases.")
    ] = None,
    url: options.Url = None,
    milvus: options.Milvus = None,
) -> int:
    """Open the desk: search, judge suspects, make cases, in a browser."""
    with requires_extra("desk", "the desk's pages"):
        from seamline.desk.people.local_name import system_name
        from seamline.desk.running import run
        from seamline.desk.settings import DeskSettings, default_folder
    settings = DeskSettings(
        folder=folder or default_folder(),
        listen=listen,
        database=database,
        server=url,
        milvus=milvus,
        photos=photos,
        indexed_folders=tuple(path.resolve() for path in indexed or ()),
        users=users,
        local_name=system_name() if name is None else name,
        identity_header=identity_header,
        proxies=tuple(proxy or DeskSettings.proxies),
        origin=origin,
        timestamp_url=timestamps,
    )
    run(settings, _opened)
    return DONE


def _opened(address: str) -> None:
    show(address)
    info("the desk is open at this address; Ctrl-C closes it")
