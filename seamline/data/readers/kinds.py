"""Which of seamline's 13 categories a garment of another set's vocabulary is.

The sets name kinds of garments ("Blouses_Shirts", "blouse", "Coat") where DeepFashion2's categories also tell the
sleeves; sleeves come from words or attributes where a set has them, else from points.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import Enum

UPPER, LOWER, FULL = 1, 2, 3
"""DeepFashion's clothes types."""


class Sleeve(Enum):
    """Length of the sleeves."""

    NONE = "none"
    SHORT = "short"
    LONG = "long"


class Kind(Enum):
    """What a garment is, sleeves aside."""

    TOP = "top"
    OUTWEAR = "outwear"
    DRESS = "dress"
    TROUSERS = "trousers"
    SHORTS = "shorts"
    SKIRT = "skirt"


_CATEGORY = {
    (Kind.TOP, Sleeve.NONE): "vest",
    (Kind.TOP, Sleeve.SHORT): "short sleeve top",
    (Kind.TOP, Sleeve.LONG): "long sleeve top",
    (Kind.OUTWEAR, Sleeve.NONE): "vest",
    (Kind.OUTWEAR, Sleeve.SHORT): "short sleeve outwear",
    (Kind.OUTWEAR, Sleeve.LONG): "long sleeve outwear",
    (Kind.DRESS, Sleeve.NONE): "vest dress",
    (Kind.DRESS, Sleeve.SHORT): "short sleeve dress",
    (Kind.DRESS, Sleeve.LONG): "long sleeve dress",
}

_OUTWEAR = frozenset(
    {
        "anorak", "blazer", "bomber", "cape", "cardigan", "coat", "jacket", "kimono", "parka", "peacoat", "poncho",
        "robe", "suit", "suiting",
    }
)  # fmt: skip
_SHORTS = frozenset({"cutoff", "short", "sweatshort", "trunk"})
_SKIRT = frozenset({"skirt", "sarong"})

_SLEEVES = (
    (Sleeve.NONE, r"sleeveless"),
    (Sleeve.LONG, r"(?:long|three[ -]quarter|3/4)[ -]?(?:length )?sleeved?s?"),
    (Sleeve.SHORT, r"(?:short|cap|half)[ -]?sleeved?s?"),
)
_WITHOUT_SLEEVES = r"tank|cami|camisole|halter|strapless|spaghetti|racerback"


def category_of(kind: Kind, sleeve: Sleeve) -> str:
    """The category; sleeves count only where the kind can have some."""
    return _CATEGORY.get((kind, sleeve), kind.value)


def kind_of(clothes_type: int, words: str) -> Kind:
    """The kind of a garment of a DeepFashion clothes type, from the words that name it.

    Rompers and jumpsuits, for which there is no category, count as dresses.
    """
    found = {_singular(word) for word in re.split(r"[\W_]+", words.lower())}
    if clothes_type == LOWER:
        return Kind.SKIRT if found & _SKIRT else Kind.SHORTS if found & _SHORTS else Kind.TROUSERS
    if found & _OUTWEAR:
        return Kind.OUTWEAR
    return Kind.TOP if clothes_type == UPPER else Kind.DRESS


def sleeve_in(texts: Iterable[str]) -> Sleeve | None:
    """The sleeve length that the first telling text names; None where none does."""
    found = (sleeve for text in texts for sleeve, pattern in _SLEEVES if _has(text, pattern))
    return next(found, None)


def sleeve_of_names(names: Iterable[str]) -> Sleeve | None:
    """The same for names of the garment or its attributes: a tank has no sleeves, where a description that mentions
    one may speak of what goes with the garment."""
    texts = list(names)
    without = Sleeve.NONE if any(_has(text, _WITHOUT_SLEEVES) for text in texts) else None
    return sleeve_in(texts) or without


def _has(text: str, pattern: str) -> bool:
    return re.search(rf"(?<![a-z])(?:{pattern})(?![a-z])", text.lower().replace("_", " ")) is not None


def _singular(word: str) -> str:
    return word[:-1] if word.endswith("s") else word
