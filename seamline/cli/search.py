"""`seamline search`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from seamline.cli import options
from seamline.cli.exits import DONE, NOTHING
from seamline.cli.output import info, printable, show, show_json, show_warnings

if TYPE_CHECKING:
    from seamline.client import Searched


def search(
    photo: options.Photo,
    system: options.System = None,
    collection: Annotated[
        str | None, typer.Option(metavar="NAME", help="Collection to search; by default catalogue.")
    ] = None,
    top_k: Annotated[int | None, typer.Option(metavar="N", help="Hits per garment.")] = None,
    ranking: options.Ranking = None,
    weights: options.Weights = None,
    box: Annotated[
        str | None, typer.Option(metavar="x0,y0,x1,y1", help="The garment, in pixels of the upright photo.")
    ] = None,
    landmarks: options.Landmarks = None,
    category: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Only hits of this category; may be repeated.")
    ] = None,
    as_json: options.AsJson = False,
    report: options.Report = None,
    photos: options.Photos = None,
    url: options.Url = None,
    timeout: options.Timeout = 30.0,
) -> int:
    """Find the catalogue's garments that look like copies of a photo's garments."""
    part_weights, garment_box = options.weights_of(weights), options.box_of(box)
    points = options.landmarks_of(landmarks)
    from seamline.client import Client

    with Client(url, system=system, timeout=timeout) as client:
        searched = client.search(
            photo,
            collection=collection,
            top_k=top_k,
            ranking=ranking,
            weights=part_weights,
            categories=category,
            box=garment_box,
            landmarks=points,
        )
    _print(photo, searched, as_json)
    if report is not None:
        _write_report(report, photo, searched, photos)
    return DONE if searched.hits else NOTHING


def _print(photo: Path, searched: Searched, as_json: bool) -> None:
    if as_json:
        show_json(search_json(photo, searched))
    elif not searched.garments:
        info(f"no garment was found in {printable(photo)}; --box x0,y0,x1,y1 names one")
    else:
        from seamline.cli.tables import search_table

        show(search_table(searched))
    if searched.garments:
        show_warnings(photo, searched.warnings)


def search_json(photo: Path, searched: Searched) -> dict[str, Any]:
    """The result for programs; each hit also says which parts are kept."""
    from seamline.client import to_jsonable
    from seamline.client.comparing import kept_parts

    data: dict[str, Any] = {"photo": str(photo), **to_jsonable(searched)}
    for garment, row in zip(searched.garments, data["garments"], strict=True):
        for hit, entry in zip(garment.hits, row["hits"], strict=True):
            entry["part_kept"] = list(kept_parts(hit.part_similarity, searched.versions))
    return data


def _write_report(file: Path, photo: Path, searched: Searched, photos: Path | None) -> None:
    from seamline.report import search_page, write_page

    write_page(file, search_page(photo, searched, photos))
    info(f"evidence page: {printable(file)}")
