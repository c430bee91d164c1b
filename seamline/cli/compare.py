"""`seamline compare`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from seamline.cli import options
from seamline.cli.exits import DONE, NOTHING
from seamline.cli.output import info, printable, show, show_json, show_warnings

if TYPE_CHECKING:
    from seamline.client import Comparison

_BOX_HELP = "The garment in the {} photo, in pixels of the upright photo."


def compare(
    photo_a: options.Photo,
    photo_b: options.OtherPhoto,
    system: options.System = None,
    ranking: options.Ranking = None,
    weights: options.Weights = None,
    box_a: Annotated[str | None, typer.Option(metavar="x0,y0,x1,y1", help=_BOX_HELP.format("first"))] = None,
    box_b: Annotated[str | None, typer.Option(metavar="x0,y0,x1,y1", help=_BOX_HELP.format("second"))] = None,
    as_json: options.AsJson = False,
    report: options.Report = None,
    url: options.Url = None,
    timeout: options.Timeout = 30.0,
) -> int:
    """Compare two photos part by part, without an index."""
    part_weights = options.weights_of(weights)
    boxes = options.box_of(box_a, "--box-a"), options.box_of(box_b, "--box-b")
    from seamline.client import Client

    with Client(url, system=system, timeout=timeout) as client:
        comparison = client.compare(
            photo_a,
            photo_b,
            ranking=ranking,
            weights=part_weights,
            box_a=boxes[0],
            box_b=boxes[1],
        )
    _print((photo_a, photo_b), comparison, as_json)
    if report is not None:
        from seamline.report import comparison_page, write_page

        write_page(report, comparison_page(photo_a, photo_b, comparison))
        info(f"evidence page: {printable(report)}")
    return DONE if comparison.best else NOTHING


def _print(photos: tuple[Path, Path], comparison: Comparison, as_json: bool) -> None:
    if as_json:
        from seamline.client import to_jsonable

        files = [str(photo) for photo in photos]
        show_json({"files": files, **to_jsonable(comparison)})
    elif comparison.best is None:
        sides = zip(photos, (comparison.photo_a, comparison.photo_b), strict=True)
        for photo in [photo for photo, side in sides if not side.garments]:
            info(f"no garment was found in {printable(photo)}; --box-a or --box-b names one")
    else:
        from seamline.cli.tables import comparison_table

        show(comparison_table(comparison))
        for photo, side in zip(photos, (comparison.photo_a, comparison.photo_b), strict=True):
            show_warnings(photo, side.warnings)
