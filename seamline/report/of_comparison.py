"""The page of a comparison of two photos."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from seamline.client.results import Comparison, Embedded
from seamline.ranking import taking_weights
from seamline.report.files import PhotoFile, read_photo
from seamline.report.model import Fact, Page, Section, Sheet
from seamline.report.origin import by_part, moment, photo_facts, version_facts
from seamline.report.pairs import Side, kept_sentence, sheet
from seamline.report.render import page_html
from seamline.report.words import explained, percent, score_text

NO_PAIR = "At least one of the two photos shows no garment, so nothing was compared."


def comparison_page(photo_a: Path, photo_b: Path, comparison: Comparison, *, now: datetime | None = None) -> str:
    """HTML of the evidence page for two photos."""
    files = read_photo(photo_a), read_photo(photo_b)
    sides = tuple(zip(("First photo", "Second photo"), files, (comparison.photo_a, comparison.photo_b), strict=True))
    facts = tuple(
        fact
        for name, file, side in sides
        for fact in photo_facts(name, file, side.photo_sha256, side.photo_size, side.warnings)
    )
    sheets = _sheets(comparison, files)
    page = Page(
        title="Garment design comparison",
        summary=_summary(comparison, sheets),
        entries=(),
        overview=(),
        facts=facts,
        origin=(*_ranking_facts(comparison), *version_facts(comparison.versions)),
        sections=(Section("The most alike pair of garments", sheets, NO_PAIR),),
        reading=explained(comparison.ranking, comparison.versions),
        made=moment(now or datetime.now(UTC)),
    )
    return page_html(page)


def _ranking_facts(comparison: Comparison) -> tuple[Fact, ...]:
    facts = (Fact("Ranking", comparison.ranking),)
    if not taking_weights([comparison.ranking]):
        return facts
    return (*facts, Fact("Part weights", by_part(comparison.versions, comparison.part_weights)))


def _summary(comparison: Comparison, sheets: tuple[Sheet, ...]) -> tuple[str, ...]:
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
        f"{comparison.ranking} score {score_text(best.score)}, "
        f"copy probability {percent(best.copy_probability)}; "
        f"{kept_sentence(sheets[0].rows)}.",
    )


def _sheets(comparison: Comparison, files: tuple[PhotoFile, PhotoFile]) -> tuple[Sheet, ...]:
    best = comparison.best
    if best is None:
        return ()
    sides = (
        _side("First photo", files[0], comparison.photo_a, best.a),
        _side("Second photo", files[1], comparison.photo_b, best.b),
    )
    heading = f"Garment {best.a + 1} of the first photo, garment {best.b + 1} of the second"
    return (sheet(heading, sides, best, comparison.versions),)


def _side(heading: str, file: PhotoFile, photo: Embedded, number: int) -> Side:
    garment = photo.garments[number]
    return Side(heading, file, photo.photo_size, garment.category, garment.box, garment.part_corners)
