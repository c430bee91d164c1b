"""Measures of bodies: the templates' proportions in centimetres, varied."""

from __future__ import annotations

import numpy as np

from seamline.synthetic.cloth import Rng
from seamline.synthetic.design import Cut
from seamline.synthetic.templates import symmetric_landmarks

LENGTHS = {
    "top": 68.0, "outwear": 68.0, "vest": 64.0, "sling": 60.0, "dress": 98.0, "shorts": 42.0, "trousers": 100.0,
    "skirt": 56.0,
}  # fmt: skip


_WIDER = {
    "top": (1.2, 1.15, 1.5), "outwear": (1.1, 1.15, 1.35), "vest": (1.0, 0.95, 1.12), "sling": (1.0, 1.0, 1.05),
    "dress": (1.15, 1.1, 1.25),
}  # fmt: skip
"""Neck, shoulders and body of clothes laid flat against the template's schematic figure (measured on photos)."""


def family_of(category: str) -> str:
    """The family of cuts that a category belongs to: top, outwear, vest, sling, dress, shorts, trousers, skirt."""
    last = category.split()[-1]
    return "dress" if last == "dress" else last


def torso_cut(rng: Rng, category: str) -> tuple[Cut, float]:
    """Body measures and half the neck's width, from the category's template."""
    family = family_of(category)
    points = symmetric_landmarks(category)
    neck_y = float(points["shoulder_right" if "sling" in category else "neck_right"][1])
    unit = LENGTHS[family] / (float(points["hem_right"][1]) - neck_y)
    wider = _WIDER["sling" if "sling" in category else "vest" if category == "vest" else family]
    girth = float(rng.normal(1.0, 0.09))
    tall = float(np.clip(rng.normal(1.0, 0.09), 0.78, 1.25)) * (
        float(rng.choice([0.95, 1.15, 1.45], p=[0.4, 0.38, 0.22])) if family == "dress" else 1.0
    )

    def measure(name: str, widen: float) -> tuple[float, float]:
        x, y = points[name]
        return float(x) * unit * widen * girth, (float(y) - neck_y) * unit

    shoulder = measure("shoulder_right", wider[1])
    armpit = measure("armpit_right", wider[2])
    hem = measure("hem_right", wider[2] if family != "dress" else float(rng.uniform(0.55, 1.0)))
    if family != "dress":
        hem = (armpit[0] * float(rng.normal(1.1, 0.07)), hem[1])
    hem = (hem[0] * float(rng.normal(1.0, 0.03)), hem[1] * tall)
    down = armpit[1] + (hem[1] - armpit[1]) * float(
        np.clip(rng.normal(0.43 if family != "dress" else 0.28 / tall, 0.05), 0.2, 0.6)
    )
    taper = rng.normal(1.03, 0.035) if family != "dress" else rng.uniform(0.84, 1.0)
    waist = (armpit[0] * float(taper), down)
    hem = (max(hem[0], waist[0] * 0.85), hem[1])
    share = 0.55 if family != "dress" else 0.22
    hip_y = waist[1] + (hem[1] - waist[1]) * share
    hip_x = waist[0] + (hem[0] - waist[0]) * (share if family != "dress" else min(1.0, share + 0.15))
    if "outwear" in category and rng.random() < 0.25:
        hem = (hem[0] * 1.06, hem[1] * 1.35)
    neck = float(points["neck_right"][0]) * unit * wider[0] * float(rng.normal(1.0, 0.1))
    shoulder = (max(shoulder[0], neck + 3.0), max(shoulder[1], 1.5) if "sling" not in category else 0.0)
    armpit = (max(armpit[0], shoulder[0] * 0.96), max(armpit[1], shoulder[1] + 14.0))
    if family == "vest" or category == "vest dress":
        shoulder = (max(neck + 2.5, min(shoulder[0], armpit[0] * float(rng.uniform(0.72, 0.92)))), shoulder[1])
    return Cut(shoulder, armpit, waist, (hip_x, hip_y), hem), neck
