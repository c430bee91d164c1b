"""The page of a search."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from seamline.client.results import Hit, Searched, SearchedGarment
from seamline.core.box_corners import box_corners
from seamline.report.drawing import Labelled, corners_of, shapes
from seamline.report.files import PhotoFile, find_photo, read_photo
from seamline.report.model import Entry, Fact, Page, Picture, Section, Sheet
from seamline.report.origin import hash_fact, index_facts, moment, photo_facts, version_facts
from seamline.report.pairs import Side, kept_sentence, part_rows, sheet
from seamline.report.render import page_html
from seamline.report.words import GARMENT_COLOUR, explained, percent

NO_GARMENT = "No garment was found in the query photo, so nothing was compared."
NO_HIT = "The collection holds no garment that could be compared with this one."


def search_page(photo: Path, searched: Searched, photos: Path | None = None, *, now: datetime | None = None) -> str:
    """HTML of the evidence page.

    `photo`: the query's file. `photos`: the folder in which photos of hits that have moved are looked for.
    """
    query = read_photo(photo)
    page = Page(
        title="Garment design comparison",
        summary=_summary(searched),
        entries=_entries(searched),
        overview=(_overview(query, searched),),
        facts=photo_facts("Query photo", query, searched.photo_sha256, searched.photo_size, searched.warnings),
        origin=(*index_facts(searched.versions), *version_facts(searched.versions)),
        sections=tuple(_section(garment, query, searched, photos) for garment in searched.garments),
        reading=explained(searched.versions.ranking or searched.versions.rankings[0], searched.versions),
        made=moment(now or datetime.now(UTC)),
    )
    return page_html(page)


def _summary(searched: Searched) -> tuple[str, ...]:
    if not searched.garments:
        return (NO_GARMENT,)
    found, listed = len(searched.garments), len(searched.hits)
    return (f"Garments found in the query photo: {found}. Catalogue garments listed: {listed}.",)


def _entries(searched: Searched) -> tuple[Entry, ...]:
    return tuple(
        Entry(
            garment.number + 1,
            rank,
            hit.item,
            f"{hit.score:.2f}",
            percent(hit.copy_probability),
            kept_sentence(part_rows(hit, searched.versions, (garment.category, hit.category))),
        )
        for garment in searched.garments
        for rank, hit in enumerate(garment.hits, 1)
    )


def _overview(query: PhotoFile, searched: Searched) -> Picture:
    boxes: list[Labelled] = [
        (corners_of(box_corners(garment.box)), str(garment.number + 1), GARMENT_COLOUR, "kept")
        for garment in searched.garments
    ]
    count = len(searched.garments)
    alt = f"The query photo {query.name} with {count} garment{'s' * (count != 1)} outlined."
    drawn = shapes(boxes, searched.photo_size)
    return Picture("Query photo", alt, *searched.photo_size, query.uri, query.missing, "", drawn)


def _section(garment: SearchedGarment, query: PhotoFile, searched: Searched, photos: Path | None) -> Section:
    sheets = tuple(_sheet(rank, hit, garment, query, searched, photos) for rank, hit in enumerate(garment.hits, 1))
    return Section(f"Garment {garment.number + 1} of the query photo: {garment.category}", sheets, NO_HIT)


def _sheet(
    rank: int, hit: Hit, garment: SearchedGarment, query: PhotoFile, searched: Searched, photos: Path | None
) -> Sheet:
    file = read_photo(find_photo(hit.photo, hit.item, photos))
    fact, alert = hash_fact("SHA-256 as indexed", hit.photo_sha256, file)
    sides = (
        Side("Query", query, searched.photo_size, garment.category, garment.box, garment.part_corners),
        Side(f"Hit {rank}", file, hit.photo_size, hit.category, hit.box, hit.part_corners, alert),
    )
    return sheet(f"Hit {rank}: item {hit.item}", sides, hit, searched.versions, (*_hit_facts(hit, file), *fact))


def _hit_facts(hit: Hit, file: PhotoFile) -> tuple[Fact, ...]:
    described = f"{file.name}, {file.bytes:,} bytes, last changed {file.changed}" if file.bytes else file.missing
    return (
        Fact("Item", f"{hit.item} (garment {hit.garment + 1} of its photo)"),
        Fact("Photo as indexed", hit.photo),
        Fact("File", described),
    )
