"""PS-Net's own numbers in `spec.json`: the shapes between its two networks, and the rules of its five regions."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Self

from seamline.core.parts import Parts
from seamline.core.spec import CATEGORIES, Spec

REGIONS = ("collar", "chest", "waist", "left_sleeve", "right_sleeve")
"""The five regions in their fixed order; left is the picture's left."""

MIRRORED = (0, 1, 2, 4, 3)
"""Index of each region's counterpart in a mirrored photo."""

_SLEEVELESS = ("collar", "chest", "waist", "left shoulder", "right shoulder")
_LEGS = ("waistband", "hips", "lower legs", "left thigh", "right thigh")
LABELS = {
    "vest": _SLEEVELESS,
    "sling": _SLEEVELESS,
    "vest dress": _SLEEVELESS,
    "sling dress": _SLEEVELESS,
    "shorts": _LEGS,
    "trousers": _LEGS,
    "skirt": ("waistband", "upper part", "lower part", "left side", "right side"),
}
"""What the five places are called on garments that have no sleeves, and on trousers and skirts."""


def region_parts(dimension: int) -> Parts:
    """The five regions as parts with vectors of `dimension` numbers."""
    return Parts(REGIONS, MIRRORED, dimension, LABELS)


@dataclasses.dataclass(frozen=True)
class EncoderSpec:
    """Shape of the encoder's map and the dimension of one region's vector."""

    channels: int = 128
    map_side: int = 28
    pool_size: int = 7
    dimension: int = 128


Point = str | tuple[str, str, float]
"""A landmark's name, or (a, b, t): the point at share t of the way from landmark a to landmark b."""


@dataclasses.dataclass(frozen=True)
class RegionRule:
    """A region's box: the bounding box of `points`, enlarged by `margin` times the garment's sides."""

    points: tuple[Point, ...]
    margin: float = 0.05


@dataclasses.dataclass(frozen=True)
class RegionSpec:
    """Region rules per group of categories.

    `groups` maps a group's name to five rules in the order of REGIONS; `group_of` maps each category to a group.
    A landmark counts from `min_confidence` on; a region thinner than `min_cells` cells of the encoder's map is
    treated as absent.
    """

    groups: Mapping[str, tuple[RegionRule, ...]]
    group_of: Mapping[str, str]
    min_confidence: float = 0.2
    min_cells: float = 1.0


@dataclasses.dataclass(frozen=True, kw_only=True)
class PSNetSpec(Spec):
    """A spec with PS-Net's sections of `network` as they are read; the parts have the encoder's dimension, and the
    regions' labels where the file brings none, as format 1 did not."""

    encoder: EncoderSpec
    regions: RegionSpec
    part_names: ClassVar[tuple[str, ...]] = REGIONS

    def __post_init__(self) -> None:
        own = {"encoder": dataclasses.asdict(self.encoder), "regions": dataclasses.asdict(self.regions)}
        object.__setattr__(self, "network", {**self.network, **own})
        labels = self.parts.labels or LABELS
        parts = dataclasses.replace(self.parts, dimension=self.encoder.dimension, labels=labels)
        object.__setattr__(self, "parts", parts)

    @classmethod
    def of(cls, spec: Spec) -> Self:
        """Read the sections `encoder` and `regions`. Raises KeyError, TypeError and ValueError."""
        shared = {field.name: getattr(spec, field.name) for field in dataclasses.fields(Spec)}
        encoder = EncoderSpec(**spec.network["encoder"])
        return cls(**shared, encoder=encoder, regions=_region_spec(spec.network["regions"]))

    def own_problems(self) -> Iterator[str]:
        """Numbers that are no sizes, and rules that name what there is not."""
        for name, value in dataclasses.asdict(self.encoder).items():
            if not isinstance(value, int) or isinstance(value, bool) or value < 1:
                yield f"encoder.{name} is {value!r} and should be a whole number above 0"
        if self.parts.names != self.part_names:
            yield f"the parts are {', '.join(self.parts.names)} and should be {', '.join(self.part_names)}"
        for category in CATEGORIES:
            if self.regions.group_of.get(category) not in self.regions.groups:
                yield f"the category {category!r} has no group of region rules"
        for name, rules in self.regions.groups.items():
            yield from self._rule_problems(name, rules)

    def _rule_problems(self, name: str, rules: tuple[RegionRule, ...]) -> Iterator[str]:
        if len(rules) != len(REGIONS):
            yield f"the group {name!r} has {len(rules)} region rules and should have {len(REGIONS)}"
        unknown = sorted({point for rule in rules for point in _rule_points(rule)} - set(self.landmarks))
        if unknown:
            yield f"the region rules of {name!r} name the landmark {unknown[0]!r}, which is not among its landmarks"

    def one_of_each_kind(self) -> tuple[str, ...]:
        """One category of each group of region rules."""
        return tuple({self.regions.group_of[category]: category for category in CATEGORIES}.values())

    def own_tensors(self) -> dict[str, tuple[int, ...]]:
        """What passes between the two networks."""
        encoder = self.encoder
        return {
            "FEATURES": (encoder.channels, encoder.map_side, encoder.map_side),
            "CROP_LANDMARKS": (len(self.landmarks), 3),
            "REGION_FEATURES": (len(REGIONS), encoder.channels, encoder.pool_size, encoder.pool_size),
            "REGION_PRESENT": (len(REGIONS),),
            "REGION_VISIBLE": (len(REGIONS),),
        }


def _rule_points(rule: RegionRule) -> Iterator[str]:
    for point in rule.points:
        yield from (point,) if isinstance(point, str) else point[:2]


def _region_spec(data: Mapping[str, Any]) -> RegionSpec:
    groups = {name: tuple(_rule(rule) for rule in rules) for name, rules in data["groups"].items()}
    return RegionSpec(groups, data["group_of"], data["min_confidence"], data["min_cells"])


def _rule(data: Mapping[str, Any]) -> RegionRule:
    points = tuple(
        point if isinstance(point, str) else (point[0], point[1], float(point[2])) for point in data["points"]
    )
    return RegionRule(points, data["margin"])
