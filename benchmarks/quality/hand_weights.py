"""Region weights set by hand, as PS-Net's authors had 25 people set sliders and took the mean.

Set once, before any figure was known, by what a person looks at: on tops the chest carries the print and says most, the
collar tells cuts apart, sleeves come in pairs and say little each; outwear lives by collar and front; a dress by its
trunk; trousers and shorts have no collar, their `collar` is the waistband and their `sleeve`s are the legs.
"""

from __future__ import annotations

TOPS = (0.2, 0.4, 0.2, 0.1, 0.1)
OUTWEAR = (0.25, 0.3, 0.15, 0.15, 0.15)
DRESSES = (0.2, 0.3, 0.3, 0.1, 0.1)
SLEEVELESS = (0.25, 0.4, 0.25, 0.05, 0.05)
LOWER = (0.2, 0.2, 0.2, 0.2, 0.2)

HAND_WEIGHTS: dict[str, tuple[float, ...]] = {
    "default": TOPS,
    "short sleeve top": TOPS,
    "long sleeve top": TOPS,
    "short sleeve outwear": OUTWEAR,
    "long sleeve outwear": OUTWEAR,
    "vest": SLEEVELESS,
    "sling": SLEEVELESS,
    "short sleeve dress": DRESSES,
    "long sleeve dress": DRESSES,
    "vest dress": SLEEVELESS,
    "sling dress": SLEEVELESS,
    "skirt": LOWER,
    "trousers": LOWER,
    "shorts": LOWER,
}
"""Category -> weights of collar, chest, waist, left and right sleeve."""
