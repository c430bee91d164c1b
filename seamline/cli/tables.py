"""Results as tables for people."""

from __future__ import annotations

import math
from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from seamline.cli.screen import printable
from seamline.client import Comparison, Hit, Reading, Searched, SearchedGarment, Versions
from seamline.client.comparing import kept_marks

LEGEND = "similarity per region, larger is more alike; * changed (below the region's threshold), - not comparable"


def table(*columns: str) -> Table:
    """An empty table without vertical lines; columns that begin with `>` are right-aligned."""
    from rich import box

    empty = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for column in columns:
        empty.add_column(
            column.removeprefix(">"), justify="right" if column.startswith(">") else "left", overflow="fold"
        )
    return empty


def search_table(searched: Searched) -> RenderableType:
    """Every garment of the photo with its hits."""
    blocks: list[RenderableType] = []
    for garment in searched.garments:
        blocks += [garment_line(garment), _hit_table(garment, searched.versions), ""]
    return Group(*blocks, Text(LEGEND, style="dim"))


def garment_line(garment: SearchedGarment) -> Text:
    """Which garment of the query photo the table below it is about."""
    at = ", ".join(f"{edge:.0f}" for edge in garment.box)
    found = "no hit" if not garment.hits else f"{len(garment.hits)} hit{'s' * (len(garment.hits) > 1)}"
    return Text(f"garment {garment.number + 1}: {printable(garment.category)} at {at} ({found})", style="bold")


def _hit_table(garment: SearchedGarment, versions: Versions) -> RenderableType:
    if not garment.hits:
        return ""
    regions = [f">{region.replace('_', ' ')}" for region in versions.regions]
    rows = table(">#", "item", "photo", ">score", ">copy", *regions, "mirrored")
    for rank, hit in enumerate(garment.hits, 1):
        rows.add_row(*_hit_row(rank, hit, versions.kept_above))
    return rows


def _hit_row(rank: int, hit: Hit, kept_above: Sequence[float]) -> list[Text]:
    marks = kept_marks(hit.region_similarity, kept_above)
    return [
        Text(str(rank)),
        Text(printable(hit.item)),
        Text(printable(hit.photo)),
        Text(f"{hit.score:.2f}"),
        Text(percent(hit.copy_probability)),
        *(_similarity(value, kept) for value, kept in zip(hit.region_similarity, marks, strict=True)),
        Text("yes" if hit.mirrored else ""),
    ]


def _similarity(value: float, kept: bool | None) -> Text:
    if kept is None or math.isnan(value):
        return Text("- ", style="dim")
    return Text(f"{value:.2f} " if kept else f"{value:.2f}*", style="" if kept else "yellow")


def percent(probability: float | None) -> str:
    """A probability for people; `-` for none."""
    return "-" if probability is None else f"{probability:.0%}"


def comparison_table(comparison: Comparison) -> RenderableType:
    """The most alike pair of garments, region by region, in both readings."""
    best = comparison.best
    if best is None:
        return ""
    rows = table("region", ">straight", ">mirrored", ">kept from")
    for number, region in enumerate(comparison.versions.regions):
        rows.add_row(
            Text(region.replace("_", " ")),
            *(_similarity(r.region_similarity[number], r.kept[number]) for r in (best.straight, best.mirrored)),
            Text(f"{comparison.versions.kept_above[number]:.2f} "),
        )
    rows.add_section()
    rows.add_row(
        Text(f"{comparison.ranking} score"),
        *(Text(_score(r)) for r in (best.straight, best.mirrored)),
        Text(""),
    )
    pair = f"garment {best.a + 1} of the first photo and garment {best.b + 1} of the second"
    return Group(Text(pair, style="bold"), rows, "", _conclusion(comparison), Text(LEGEND, style="dim"))


def _score(reading: Reading) -> str:
    return "- " if reading.score is None else f"{reading.score:.2f} "


def _conclusion(comparison: Comparison) -> Text:
    best = comparison.best
    assert best is not None
    kept = [region for region, mark in zip(comparison.versions.regions, best.better.kept, strict=True) if mark]
    names = ", ".join(region.replace("_", " ") for region in kept) or "none"
    reading = "mirrored" if best.better.mirrored else "straight"
    return Text(f"better reading: {reading}; kept: {names}; copy probability: {percent(best.copy_probability)}")
