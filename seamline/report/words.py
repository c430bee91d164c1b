"""The words and colours of the page, and how its figures are to be read."""

from __future__ import annotations

from seamline.client.results import Versions
from seamline.core.parts import ANY_CATEGORY
from seamline.ranking import RANKINGS
from seamline.ranking.cohort import LEAST_COHORT

COLOURS = (
    "#0b63a5",
    "#b5471b",
    "#00785a",
    "#a3387c",
    "#8a6500",
    "#5b4bb3",
    "#8c2f39",
    "#3f6b1f",
    "#006d77",
    "#7a4e2d",
    "#4a5568",
    "#b0126b",
)
"""Colours of parts, in turn: the first five told apart with the common colour deficiencies, and all dark enough for
white labels."""

GARMENT_COLOUR = "#1f2933"

DISCLAIMER = "This page is evidence for a person's decision. It is not a legal finding."

MIRRORED_REMARK = "The better comparison is mirrored: left and right were exchanged for it."

WHOLE_REMARK = (
    "The garments as a whole say more for a copy than their regions do: the copy probability rests on them, and what "
    "is alike need not lie within one region."
)

_BEFORE_SCORE = (
    "Similarity: how alike two parts look to the model, the cosine of two unit vectors. 1 is identical; "
    "the mean of unrelated garments is stated above for each part. Larger is more alike.",
    "Kept and changed: a part at or above its threshold (the tick on the bar) counts as kept, below it as "
    "changed. A part that is not visible in both photos is not comparable and counts as neither.",
)
_PROBABILITY = (
    "Copy probability: the score put on a scale from 0 to 100 % by the model's calibration. It describes "
    "similarity to known copies, not whether a right was infringed."
)
_AFTER_SCORE = (
    "Left and right are those of the picture. Parts are numbered and named as on the "
    "left photo. In a mirrored comparison the left side of one garment is compared with the right side of the other.",
    "Pictures are reduced copies for viewing; boxes are drawn over them and are not part of the photo. Each "
    "SHA-256 is of the complete original file.",
)


def explained(ranking: str, versions: Versions) -> tuple[str, ...]:
    """How the figures of this ranking are to be read."""
    known = RANKINGS.get(ranking)
    score = known.explained(versions.scoring) if known else f"that of the ranking {ranking}."
    score = f"Score ({ranking}): {score}"
    about_score = (score, *_whole(versions), *_reranked(versions), _PROBABILITY, *_cohort(versions))
    return (*_BEFORE_SCORE, *about_score, *_AFTER_SCORE)


def _cohort(versions: Versions) -> tuple[str, ...]:
    if not versions.scoring.copy_cohort:
        return ()
    return (
        f"In a collection of {LEAST_COHORT} garments or more the same score makes a copy less likely where many of "
        "them resemble the garment that is searched for, such as a plain shirt, and more likely where few do.",
    )


def _whole(versions: Versions) -> tuple[str, ...]:
    parts = versions.parts
    if not parts.whole:
        return ()
    names = [parts.labels_for(ANY_CATEGORY)[place] for place in parts.whole]
    return (
        f"Parts without a place: {listed(names)}. Each compares the two garments as one, so no box is drawn for it. "
        "Its threshold is where the whole alone makes a copy as likely as not. It takes neither landmarks nor the "
        "category, and finds a copy also where these were read wrongly. A remark "
        "stands above a pair where this decided.",
    )


def _reranked(versions: Versions) -> tuple[str, ...]:
    if versions.reranker is None:
        return ()
    return (
        f"The first hits of each garment were put in order by {versions.reranker}, which looks at both garments at "
        "once; their scores are its own and cannot be compared with those of the hits after them.",
    )


def colour(number: int) -> str:
    """The colour of a part by its place."""
    return COLOURS[number % len(COLOURS)]


def score_text(score: float | None) -> str:
    """A score, or why there is none."""
    return "not defined, no part is visible in both" if score is None else f"{score:.2f}"


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
