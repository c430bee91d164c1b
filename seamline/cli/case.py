"""`seamline case verify`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from seamline.cli import options
from seamline.cli.exits import DONE, NOTHING
from seamline.cli.output import info, printable, show, show_json

if TYPE_CHECKING:
    from seamline.desk.casefile.verify import Verification

ALTERED = NOTHING


def verify_case(
    file: Annotated[
        Path, typer.Argument(metavar="FILE.zip", exists=True, dir_okay=False, help="The case file.", show_default=False)
    ],
    head: Annotated[
        str | None,
        typer.Option(metavar="HEX", help="Digest of a log entry that was noted elsewhere, which the log must hold."),
    ] = None,
    tsa_ca: Annotated[
        Path | None,
        typer.Option(metavar="FILE.pem", exists=True, dir_okay=False, help="Trust this root for the time stamp."),
    ] = None,
    as_json: options.AsJson = False,
) -> int:
    """Check that a case file is as it was written; exits with 1 where it is not, and with 2 where it is none."""
    from seamline.desk.casefile.verify import verify_archive

    found = verify_archive(file, head=head, tsa_ca=tsa_ca)
    if as_json:
        show_json({"ok": found.ok, **asdict(found)})
    elif found.ok:
        _show_facts(found)
    else:
        for finding in found.findings:
            show(printable(finding))
        info(f"{printable(file)} is not as it was written")
    return DONE if found.ok else ALTERED


def _show_facts(found: Verification) -> None:
    show(f"intact: case {printable(found.case)}, {printable(found.title)}")
    show(f"{found.entries:,} log entries, {found.photos:,} photos")
    show(f"head of the log: {found.head}")
    if found.head_entry is not None:
        show(f"the digest that was kept elsewhere is that of log entry {found.head_entry}")
    if found.stamp is None:
        show("no time stamp: whether everything was written anew, only a digest that was kept elsewhere tells")
    else:
        show(f"time stamp: {found.stamp.at} by {printable(found.stamp.authority)}")
        show(found.stamp.checked)
