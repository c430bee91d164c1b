"""`seamline gateway`: the way to Triton for clients on other machines, and tokens for them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from seamline.cli.exits import DONE
from seamline.cli.output import info, show

_File = Annotated[Path | None, typer.Option(metavar="FILE", dir_okay=False)]


def gateway(
    listen: Annotated[str, typer.Option(metavar="HOST:PORT", help="Where clients call.")] = "127.0.0.1:8001",
    triton: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS", help="Triton's gRPC port, host:port or unix:PATH.", show_default="the local server's"
        ),
    ] = None,
    tls_cert: _File = None,
    tls_key: _File = None,
    client_ca: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Authority whose certificates clients must show.")
    ] = None,
    tokens: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Tokens of clients; `seamline gateway-token` makes them.")
    ] = None,
    local: Annotated[
        str | None, typer.Option(metavar="HOST:PORT", help="Also answer this machine, on loopback and without a token.")
    ] = None,
) -> int:
    """Let clients call embed and search, and nothing else; needs TLS and tokens where others reach the address."""
    from seamline.client.address import local_server
    from seamline.core.errors import Unavailable
    from seamline.gateway.running import run
    from seamline.gateway.settings import GatewaySettings

    behind = triton or local_server().get("triton")
    if not behind:
        raise Unavailable("no server is running here; start one with `seamline up`, or name Triton with --triton")
    run(GatewaySettings(listen, str(behind), tls_cert, tls_key, client_ca, tokens, local))
    return DONE


def gateway_token(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Whose token it is, for logs and for its removal.")],
    tokens: Annotated[Path, typer.Option(metavar="FILE", help="The tokens file; made where there is none.")],
    collection: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="A collection that it may search; repeatable.", show_default="all"),
    ] = None,
) -> int:
    """Make a token for a client and print it, once; the file keeps its digest."""
    from seamline.gateway.tokens import add_token

    token = add_token(tokens, name, collection or ())
    show(token)
    info("the client gives it with SEAMLINE_TOKEN; it cannot be shown again")
    return DONE
