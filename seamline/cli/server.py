"""`seamline up`, `seamline down` and `seamline logs`: the server on this machine."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from seamline.cli import options
from seamline.cli.exits import BAD_INPUT, DONE, UNAVAILABLE
from seamline.cli.output import console, error, info, printable, show, show_json

if TYPE_CHECKING:
    from seamline.local import Endpoints

PROCESSES = ("supervisor", "gateway", "triton", "milvus")

Port = Annotated[
    int | None,
    typer.Option(metavar="PORT", min=0, max=65535, help="0: any free one.", show_default="the usual one"),
]


Variant = Annotated[
    str,
    typer.Option(metavar="NAME", help="Serve each model by its configs/NAME.pbtxt where it has one."),
]


def up(
    variant: Variant = "cpu",
    grpc_port: Port = None,
    http_port: Annotated[int | None, typer.Option(hidden=True)] = None,
    metrics_port: Port = None,
    milvus_port: Port = None,
    as_json: options.AsJson = False,
) -> int:
    """Start Triton and Milvus Lite on this machine; returns when a photo has been answered."""
    from seamline.local import AlreadyRunning, LocalOptions, StartFailed
    from seamline.local import endpoints as running
    from seamline.local import up as start
    from seamline.local.options import DEFAULT_VARIANT

    if http_port is not None:
        info("HTTP is not served; --http-port has no effect")
    chosen = LocalOptions(variant=variant, grpc_port=grpc_port, metrics_port=metrics_port, milvus_port=milvus_port)
    try:
        with _waiting("starting the server"):
            endpoints = start(chosen)
    except AlreadyRunning:
        asked = (grpc_port, metrics_port, milvus_port)
        if variant != DEFAULT_VARIANT or any(port is not None for port in asked):
            raise
        info("a server runs already")
        endpoints = running()
    except StartFailed as failure:
        error(str(failure))
        console(sys.stderr).print(printable_lines(failure.log_tail), style="dim", soft_wrap=True)
        return UNAVAILABLE
    _show_endpoints(endpoints, as_json)
    return DONE


def _show_endpoints(endpoints: Endpoints, as_json: bool) -> None:
    if as_json:
        show_json(asdict(endpoints))
        return
    from seamline.cli.tables import table

    rows = table("part", "address")
    for part, address in asdict(endpoints).items():
        rows.add_row(part, printable(address))
    show(rows)
    info("ready; `seamline index FOLDER` fills a collection, `seamline down` stops the server")


def down() -> int:
    """Stop the server on this machine; what is indexed stays."""
    from seamline.local import down as stop

    with _waiting("stopping the server"):
        stopped = stop()
    info("stopped" if stopped else "no server was running")
    return DONE


def logs(
    process: Annotated[
        list[str] | None, typer.Argument(metavar="PROCESS", help=f"Any of {', '.join(PROCESSES)}; all by default.")
    ] = None,
    lines: Annotated[int, typer.Option("--lines", "-n", metavar="N", min=0, help="Last lines of each.")] = 40,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with new lines until Ctrl-C.")] = False,
) -> int:
    """Print the server's logs."""
    from seamline.local import logs as read_logs

    unknown = sorted(set(process or ()) - set(PROCESSES))
    if unknown:
        error(f"there is no log {unknown[0]!r}; there are {', '.join(PROCESSES)}")
        return BAD_INPUT
    for name, line in read_logs(names=tuple(process or PROCESSES), lines=lines, follow=follow):
        sys.stdout.write(f"{name:10} {printable(line)}\n")
        if follow:
            sys.stdout.flush()
    return DONE


def printable_lines(text: str) -> str:
    """Several lines, each without control characters."""
    return "\n".join(printable(line) for line in text.splitlines())


@contextmanager
def _waiting(what: str) -> Iterator[None]:
    if sys.stderr.isatty():
        with console(sys.stderr).status(what):
            yield
    else:
        yield
