"""What people call the parts, landmarks and kinds of garment that the shipped networks name in English."""

from __future__ import annotations

from seamline.desk.words import _

N_ = str
"""Marks a text for translators, as programs of gettext know it."""

_KINDS = (
    N_("short sleeve top"),
    N_("long sleeve top"),
    N_("short sleeve outwear"),
    N_("long sleeve outwear"),
    N_("vest"),
    N_("sling"),
    N_("shorts"),
    N_("trousers"),
    N_("skirt"),
    N_("short sleeve dress"),
    N_("long sleeve dress"),
    N_("vest dress"),
    N_("sling dress"),
)
_PARTS = (
    N_("whole"),
    N_("whole detail"),
    N_("whole garment"),
    N_("details of the whole"),
    N_("collar"),
    N_("chest"),
    N_("waist"),
    N_("left sleeve"),
    N_("right sleeve"),
    N_("left shoulder"),
    N_("right shoulder"),
    N_("waistband"),
    N_("hips"),
    N_("lower legs"),
    N_("left thigh"),
    N_("right thigh"),
    N_("upper part"),
    N_("lower part"),
    N_("left side"),
    N_("right side"),
)
_LANDMARKS = (
    N_("neck left"),
    N_("neck right"),
    N_("neck bottom"),
    N_("shoulder left"),
    N_("shoulder right"),
    N_("cuff left outer"),
    N_("cuff left inner"),
    N_("cuff right outer"),
    N_("cuff right inner"),
    N_("armpit left"),
    N_("armpit right"),
    N_("waist left"),
    N_("waist right"),
    N_("hem left"),
    N_("hem right"),
    N_("waistband left"),
    N_("waistband right"),
    N_("crotch"),
    N_("leg left outer"),
    N_("leg left inner"),
    N_("leg right inner"),
    N_("leg right outer"),
)
TERMS = frozenset((*_KINDS, *_PARTS, *_LANDMARKS))
"""Every name that translators know."""


def term(name: str) -> str:
    """A name in the language of the request; one that other networks bring stays as it is."""
    spoken = name.replace("_", " ")
    return _(spoken) if spoken in TERMS else spoken
