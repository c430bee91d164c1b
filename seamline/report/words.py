"""The words and colours of the page, and how its figures are to be read."""

from __future__ import annotations

COLOURS = ("#0b63a5", "#b5471b", "#00785a", "#a3387c", "#8a6500")
"""One colour per region: told apart with the common colour deficiencies, and dark enough for white labels."""

GARMENT_COLOUR = "#1f2933"

DISCLAIMER = "This page is evidence for a person's decision. It is not a legal finding."

MIRRORED_REMARK = "The better reading is mirrored: left and right were compared crosswise."

RANKING_WORDS = {
    "partial": (
        "Score (partial): mean likeness of the three most alike regions, the best one counting most; likeness "
        "is -log(1.02 - similarity), from 0 to 3.9. It is made to find copies in which up to two of the five "
        "regions were redesigned."
    ),
    "weighted": ("Score (weighted): mean of the regions' similarities by the weights stated above, from -1 to 1."),
    "global": "Score (global): similarity of the two garments as a whole, from -1 to 1.",
}

_BEFORE_SCORE = (
    "Similarity: how alike two regions look to the model, the cosine of two unit vectors. 1 is identical; "
    "the mean of unrelated garments is stated above for each region. Larger is more alike.",
    "Kept and changed: a region at or above its threshold (the tick on the bar) counts as kept, below it as "
    "changed. A region that is not visible in both photos is not comparable and counts as neither.",
)
_AFTER_SCORE = (
    "Copy probability: the score put on a scale from 0 to 100 % by the model's calibration. It describes "
    "likeness to known copies, not whether a right was infringed.",
    "Left and right are those of the picture. Regions are numbered and named as on the "
    "left photo. In a mirrored reading the left side of one garment is compared with the right side of the other.",
    "Pictures are reduced copies for viewing; boxes are drawn over them and are not part of the photo. Each "
    "SHA-256 is of the complete original file.",
)


def reading(ranking: str) -> tuple[str, ...]:
    """How the figures of this ranking are to be read."""
    score = RANKING_WORDS.get(ranking, f"Score: that of the ranking {ranking}.")
    return (*_BEFORE_SCORE, score, *_AFTER_SCORE)


def score_text(score: float | None) -> str:
    """A score, or why there is none."""
    return "not defined, no region is visible in both" if score is None else f"{score:.2f}"


def percent(probability: float | None) -> str:
    """A probability without false certainty."""
    if probability is None:
        return "not stated"
    if probability >= 0.995:
        return "over 99\u00a0%"
    return "under 1\u00a0%" if probability < 0.005 else f"{probability:.0%}".replace("%", "\u00a0%")


def listed(names: list[str]) -> str:
    """`a`, `a and b`, `a, b and c`; `none` for nothing."""
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names) or "none"
