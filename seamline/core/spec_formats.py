"""Earlier formats of spec.json, brought up to today's.

Format 1 belonged to one system: five regions without names, its sections `encoder` and `regions` beside the shared
ones, and a region's name in every field of `scoring`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from seamline.core.parts import unnamed_parts

FORMAT = 2
"""Version of the file format; a reader refuses a newer one."""

_NETWORK = ("encoder", "regions")
_SCORING = {
    "region_weights": "part_weights",
    "background_mean": "znorm_mean",
    "background_std": "znorm_std",
    "region_kept_above": "kept_above",
}


def upgraded(data: Mapping[str, Any]) -> dict[str, Any]:
    """A spec's data in today's format. Raises KeyError where it is of no format."""
    return dict(data) if data["format"] >= FORMAT else _from_format_1(data)


def names_system(text: str) -> bool:
    """Whether the text of a spec says whose it is. Format 1 did not, and the paper's PS-Net wrote it too."""
    return "system" in json.loads(text)


def _from_format_1(data: Mapping[str, Any]) -> dict[str, Any]:
    shared = {name: value for name, value in data.items() if name not in _NETWORK}
    return {
        **shared,
        "system": "psnet_lite",
        "parts": unnamed_parts(data["encoder"]["dimension"]).to_data(),
        "scoring": {_SCORING.get(name, name): value for name, value in data["scoring"].items()},
        "network": {name: data[name] for name in _NETWORK},
        "rankings": ["partial", "weighted", "global"],
        "format": FORMAT,
    }
