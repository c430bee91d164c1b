"""The page of a search."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from seamline.client.results import Hit, Searched, SearchedGarment
from seamline.report.drawing import shapes
from seamline.report.files import PhotoFile, find_photo, read_photo
from seamline.report.model import Fact, Page, Picture, Section, Sheet
from seamline.report.origin import hash_fact, index_facts, moment, photo_facts, version_facts
from seamline.report.pairs import Side, kept_sentence, picture, region_rows
from seamline.report.render import page_html
from seamline.report.words import GARMENT_COLOUR, percent, reading

NO_GARMENT = "No garment was found in the query photo, so nothing was compared."
NO_HIT = "The collection holds no garment that could be compared with this one."


def search_page(
    photo: Path, searched: Searched, photos: Path | None = None, *, now: datetime | None = None
) -> str:
    """HTML of the evidence page. `photo`: the query's file. `photos`: folder where moved photos of hits are
    looked for.
    """
    query = read_photo(photo)
    page = Page(
        title="Garment design comparison",
        summary=_summary(searched),
        overview=(_overview(query, searched),),
        facts=photo_facts("Query photo", query, searched.photo_sha256, searched.photo_size),
        origin=(*index_facts(searched.versions), *version_facts(searched.versions)),
        sections=tuple(_section(garment, query, searched, photos) for garment in searched.garments),
        reading=reading(searched.versions.ranking or "partial"),
        made=moment(now or datetime.now(UTC)),
    )
    return page_html(page)


def _summary(searched: Searched) -> tuple[str, ...]:
    if not searched.garments:
        return (NO_GARMENT,)
    lines = [
        f"Garments found in the query photo: {len(searched.garments)}. Catalogue garments listed: {len(searched.hits)}."
    ]
    for garment in searched.garments:
        if garment.hits:
            lines.append(
                f"Garment {garment.number + 1} ({garment.category}), first hit: {_first(garment.hits[0], searched, garment)}."
            )
        else:
            lines.append(f"Garment {garment.number + 1} ({garment.category}): no hit.")
    return tuple(lines)


def _first(hit: Hit, searched: Searched, garment: SearchedGarment) -> str:
    rows = region_rows(
        hit.region_similarity,
        searched.versions.kept_above,
        (garment.category, hit.category),
        mirrored=hit.mirrored,
    )
    return f"item {hit.item}, score {hit.score:.2f}, copy probability {percent(hit.copy_probability)}; {kept_sentence(rows)}"


def _overview(query: PhotoFile, searched: Searched) -> Picture:
    boxes = [(garment.box, str(garment.number + 1), GARMENT_COLOUR, "kept") for garment in searched.garments]
    count = len(searched.garments)
    alt = f"The query photo {query.name} with {count} garment{'s' * (count != 1)} outlined."
    drawn = shapes(boxes, searched.photo_size)  # type: ignore[arg-type]
    return Picture("Query photo", alt, *searched.photo_size, query.uri, query.missing, "", drawn)


def _section(garment: SearchedGarment, query: PhotoFile, searched: Searched, photos: Path | None) -> Section:
    sheets = tuple(
        _sheet(rank, hit, garment, query, searched, photos) for rank, hit in enumerate(garment.hits, 1)
    )
    return Section(f"Garment {garment.number + 1} of the query photo: {garment.category}", sheets, NO_HIT)


def _sheet(
    rank: int, hit: Hit, garment: SearchedGarment, query: PhotoFile, searched: Searched, photos: Path | None
) -> Sheet:
    file = read_photo(find_photo(hit.photo, hit.item, photos))
    fact, alert = hash_fact("SHA-256 of the hit's photo", hit.photo_sha256, file)
    rows = region_rows(
        hit.region_similarity,
        searched.versions.kept_above,
        (garment.category, hit.category),
        mirrored=hit.mirrored,
    )
    left = Side("Query", query, searched.photo_size, garment.category, garment.box, garment.region_boxes)
    right = Side(f"Hit {rank}", file, hit.photo_size, hit.category, hit.box, hit.region_boxes, alert)
    return Sheet(
        f"Hit {rank}: item {hit.item}",
        picture(left, rows, crossed=hit.mirrored),
        picture(right, rows, crossed=False),
        rows,
        (*_hit_facts(hit, file), *fact),
        ("The better reading is mirrored: each sleeve was compared with the other side's.",)
        if hit.mirrored
        else (),
    )


def _hit_facts(hit: Hit, file: PhotoFile) -> tuple[Fact, ...]:
    return (
        Fact("Item", hit.item),
        Fact("Photo as indexed", hit.photo),
        Fact("Category", f"{hit.category} (garment {hit.garment + 1} of its photo)"),
        Fact("Score", f"{hit.score:.3f}"),
        Fact("Copy probability", percent(hit.copy_probability)),
        Fact("Reading", "mirrored" if hit.mirrored else "straight"),
        Fact(
            "File",
            f"{file.name}, {file.bytes:,} bytes, last changed {file.changed}" if file.bytes else file.missing,
        ),
    )
