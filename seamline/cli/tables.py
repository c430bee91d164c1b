"""Results as tables for people."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import PurePath

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from seamline.cli.output import printable
from seamline.client import Comparison, GarmentPair, Hit, Searched, SearchedGarment, Versions
from seamline.client.comparing import kept_parts, paired_labels

_MOST_COLUMNS = 6
"""Parts up to which each has a column of its own."""

LEGEND = "similarity per part, larger is more alike; * changed (below the part's threshold), - not comparable"


def table(*columns: str) -> Table:
    """An empty table without vertical lines; columns that begin with `>` are right-aligned."""
    from rich import box

    empty = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 1, 0, 0))
    for column in columns:
        empty.add_column(
            column.removeprefix(">"), justify="right" if column.startswith(">") else "left", overflow="fold"
        )
    return empty


def search_table(searched: Searched) -> RenderableType:
    """Every garment of the photo with its hits."""
    blocks: list[RenderableType] = []
    for garment in searched.garments:
        blocks += [garment_line(garment), *_hit_tables(garment, searched.versions), ""]
    return Group(*blocks, Text(LEGEND, style="dim"))


def garment_line(garment: SearchedGarment) -> Text:
    """Which garment of the query photo the table below it is about."""
    at = ", ".join(f"{edge:.0f}" for edge in garment.box)
    found = "no hit" if not garment.hits else f"{len(garment.hits)} hit{'s' * (len(garment.hits) > 1)}"
    return Text(f"garment {garment.number + 1}: {printable(garment.category)} at {at} ({found})", style="bold")


def _hit_tables(garment: SearchedGarment, versions: Versions) -> list[RenderableType]:
    if not garment.hits:
        return []
    labels = versions.parts.labels_for(garment.category)
    narrow = len(labels) > _MOST_COLUMNS
    columns = ["kept", "changed"] if narrow else [">" + name.replace(" ", "\n") for name in labels]
    named, mirrored = any(_photo_name(hit) for hit in garment.hits), any(hit.mirrored for hit in garment.hits)
    optional = ["photo"] * named, ["mirrored"] * mirrored
    rows = table(">#", "item", *optional[0], ">score", ">copy", *columns, *optional[1])
    for rank, hit in enumerate(garment.hits, 1):
        photo = [Text(printable(_photo_name(hit)))] if named else []
        flipped = [Text("yes" if hit.mirrored else "")] if mirrored else []
        figures = Text(f"{hit.score:.2f}"), Text(percent(hit.copy_probability))
        cells = _listed(hit, labels, versions) if narrow else _cells(hit, versions)
        rows.add_row(Text(str(rank)), Text(printable(hit.item)), *photo, *figures, *cells, *flipped)
    return [rows]


def _photo_name(hit: Hit) -> str:
    """The photo's file name, where the item does not say it already."""
    return "" if hit.photo.endswith(hit.item) else PurePath(hit.photo).name


def _cells(hit: Hit, versions: Versions) -> list[Text]:
    marks = kept_parts(hit.part_similarity, versions)
    return [_similarity(value, kept) for value, kept in zip(hit.part_similarity, marks, strict=True)]


def _listed(hit: Hit, labels: Sequence[str], versions: Versions) -> list[Text]:
    """The parts that are kept, then those that are changed, each with its similarity and the most alike first."""
    marks = kept_parts(hit.part_similarity, versions)
    known = [row for row in zip(hit.part_similarity, labels, marks, strict=True) if row[2] is not None]
    known.sort(key=lambda row: -row[0])
    kept, changed = (
        [f"{label} {value:.2f}" for value, label, mark in known if mark is wanted] for wanted in (True, False)
    )
    return [Text(printable(", ".join(kept) or "-")), Text(printable(", ".join(changed) or "-"), style="yellow")]


def _similarity(value: float, kept: bool | None) -> Text:
    if kept is None or math.isnan(value):
        return Text("- ", style="dim")
    return Text(f"{value:.2f} " if kept else f"{value:.2f}*", style="" if kept else "yellow")


def percent(probability: float | None) -> str:
    """A probability for people, without false certainty; `-` for none."""
    if probability is None:
        return "-"
    return ">99%" if probability >= 0.995 else "<1%" if probability < 0.005 else f"{probability:.0%}"


def comparison_table(comparison: Comparison) -> RenderableType:
    """The most alike pair of garments, part by part."""
    best = comparison.best
    if best is None:
        return ""
    a, b = comparison.photo_a.garments[best.a], comparison.photo_b.garments[best.b]
    names = paired_labels(comparison.versions.parts, a.category, b.category, mirrored=best.mirrored)
    rows = table("first photo", "second photo", ">similarity", ">kept from")
    thresholds = comparison.versions.kept_thresholds(best.part_similarity)
    figures = zip(names, best.part_similarity, best.kept, thresholds, strict=True)
    for (own, other), value, kept, threshold in figures:
        rows.add_row(Text(own), Text(other), _similarity(value, kept), Text(f"{threshold:.2f} "))
    pair = f"garment {best.a + 1} of the first photo and garment {best.b + 1} of the second"
    conclusion = Text(_conclusion(comparison.ranking, best, [own for own, _ in names]))
    return Group(Text(pair, style="bold"), rows, "", conclusion, Text(LEGEND, style="dim"))


def _conclusion(ranking: str, best: GarmentPair, names: Sequence[str]) -> str:
    kept = ", ".join(name for name, mark in zip(names, best.kept, strict=True) if mark) or "none"
    score = "-" if best.score is None else f"{best.score:.2f}"
    compared = "mirrored" if best.mirrored else "straight"
    probability = percent(best.copy_probability)
    return f"{ranking} score: {score}; compared: {compared}; kept: {kept}; copy probability: {probability}"
