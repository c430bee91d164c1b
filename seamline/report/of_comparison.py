"""The page of a comparison of two photos."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from seamline.client.results import Comparison, Embedded, GarmentPair
from seamline.report.files import PhotoFile, read_photo
from seamline.report.model import Fact, Page, RegionRow, Section, Sheet
from seamline.report.origin import moment, photo_facts, version_facts
from seamline.report.pairs import Side, kept_sentence, picture, region_rows
from seamline.report.render import page_html
from seamline.report.words import percent, reading

NO_PAIR = "At least one of the two photos shows no garment, so nothing was compared."


def comparison_page(photo_a: Path, photo_b: Path, comparison: Comparison, *, now: datetime | None = None) -> str:
    """HTML of the evidence page for two photos."""
    files = read_photo(photo_a), read_photo(photo_b)
    sides = tuple(zip(("First photo", "Second photo"), files, (comparison.photo_a, comparison.photo_b), strict=True))
    facts = tuple(
        fact for name, file, side in sides for fact in photo_facts(name, file, side.photo_sha256, side.photo_size)
    )
    page = Page(
        title="Garment design comparison",
        summary=_summary(comparison),
        entries=(),
        overview=(),
        facts=facts,
        origin=(*_ranking_facts(comparison), *version_facts(comparison.versions)),
        sections=(Section("The most alike pair of garments", _sheets(comparison, files), NO_PAIR),),
        reading=reading(comparison.ranking),
        made=moment(now or datetime.now(UTC)),
    )
    return page_html(page)


def _ranking_facts(comparison: Comparison) -> tuple[Fact, ...]:
    facts = (Fact("Ranking", comparison.ranking),)
    if comparison.ranking != "weighted":
        return facts
    named = zip(comparison.versions.regions, comparison.region_weights, strict=True)
    weights = ", ".join(f"{region.replace('_', ' ')} {weight:.2f}" for region, weight in named)
    return (*facts, Fact("Region weights", weights))


def _summary(comparison: Comparison) -> tuple[str, ...]:
    counts = (
        f"Garments found: {len(comparison.photo_a.garments)} in the first photo, "
        f"{len(comparison.photo_b.garments)} in the second."
    )
    best = comparison.best
    if best is None:
        return counts, NO_PAIR
    return (
        counts,
        f"Most alike pair: garment {best.a + 1} of the first photo and garment {best.b + 1} of the second; "
        f"{comparison.ranking} score {_score(best.better.score)}, "
        f"copy probability {percent(best.copy_probability)}; "
        f"{kept_sentence(_rows(comparison, best))}.",
    )


def _rows(comparison: Comparison, best: GarmentPair) -> tuple[RegionRow, ...]:
    a, b = comparison.photo_a.garments[best.a], comparison.photo_b.garments[best.b]
    return region_rows(
        best.better.region_similarity,
        comparison.versions.kept_above,
        (a.category, b.category),
        mirrored=best.better.mirrored,
    )


def _sheets(comparison: Comparison, files: tuple[PhotoFile, PhotoFile]) -> tuple[Sheet, ...]:
    best = comparison.best
    if best is None:
        return ()
    rows, crossed = _rows(comparison, best), best.better.mirrored
    sheet = Sheet(
        f"Garment {best.a + 1} of the first photo, garment {best.b + 1} of the second",
        picture(_side("First photo", files[0], comparison.photo_a, best.a), rows, crossed=crossed),
        picture(_side("Second photo", files[1], comparison.photo_b, best.b), rows, crossed=False),
        _figures(comparison, best),
        rows,
        (_other_reading(best),),
        ("The better reading is mirrored: each sleeve was compared with the other side's.",) if crossed else (),
    )
    return (sheet,)


def _side(heading: str, file: PhotoFile, photo: Embedded, number: int) -> Side:
    garment = photo.garments[number]
    return Side(heading, file, photo.photo_size, garment.category, garment.box, garment.region_boxes)


def _figures(comparison: Comparison, best: GarmentPair) -> tuple[Fact, ...]:
    a, b = comparison.photo_a.garments[best.a], comparison.photo_b.garments[best.b]
    return (
        Fact("Score", _score(best.better.score)),
        Fact("Copy probability", percent(best.copy_probability)),
        Fact("Reading", "mirrored" if best.better.mirrored else "straight"),
        Fact("Category", a.category if a.category == b.category else f"{a.category}; {b.category}"),
    )


def _other_reading(best: GarmentPair) -> Fact:
    other = best.straight if best.better.mirrored else best.mirrored
    return Fact(f"{'Mirrored' if other.mirrored else 'Straight'} reading", f"score {_score(other.score)}")


def _score(score: float | None) -> str:
    return "not defined, no region is visible in both" if score is None else f"{score:.2f}"
