"""What cards can do at most, from NVIDIA's data sheets; without sparsity, which these networks do not have."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping


@dataclasses.dataclass(frozen=True)
class Card:
    """Peaks: precision -> 10^12 floating-point operations a second, and memory in 10^9 bytes a second."""

    name: str
    teraflops: Mapping[str, float]
    gigabytes: float
    source: str


def _card(name: str, fp32: float, tf32: float, fp16: float, gigabytes: float, sheet: str) -> Card:
    return Card(name, {"fp32": fp32, "tf32": tf32, "fp16": fp16}, gigabytes, f"NVIDIA's data sheet of the {sheet}")


CARDS = (
    _card("H200", 67, 494.5, 989.5, 4800, "H200 SXM"),
    _card("H100 PCIe", 51, 378, 756, 2000, "H100 PCIe"),
    _card("H100", 67, 494.5, 989.5, 3350, "H100 SXM"),
    _card("A100-SXM4-80GB", 19.5, 156, 312, 2039, "A100 80GB SXM"),
    _card("A100-SXM4-40GB", 19.5, 156, 312, 1555, "A100 40GB SXM"),
    _card("A100-PCIE-80GB", 19.5, 156, 312, 1935, "A100 80GB PCIe"),
    _card("L40S", 91.6, 183, 362, 864, "L40S"),
    _card("L4", 30.3, 60, 121, 300, "L4"),
    _card("A10", 31.2, 62.5, 125, 600, "A10"),
    Card("T4", {"fp32": 8.1, "fp16": 65}, 320, "NVIDIA's data sheet of the T4"),
)
"""The first one, all of whose words are words of the name that CUDA gives, is taken."""


def find(name: str) -> Card | None:
    """The card that CUDA calls so, None for one that is not in the table."""
    return next((card for card in CARDS if set(card.name.split()) <= set(name.split())), None)
