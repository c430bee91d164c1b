"""The numbers that a set of weights brings along: `spec.json`.

`config.pbtxt` owns the wire (names, types, batching); `spec.json` owns sizes, landmark names, region rules, dimension,
calibration and fingerprints. Training writes it beside a checkpoint, export copies it unchanged into every step
that reads it.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from seamline.core.errors import InternalError

REGIONS = ("collar", "chest", "waist", "left_sleeve", "right_sleeve")
"""The five regions in their fixed order; left is the picture's left."""

MIRRORED = (0, 1, 2, 4, 3)
"""Index of each region's counterpart in a mirrored photo."""

CATEGORIES = (
    "short sleeve top",
    "long sleeve top",
    "short sleeve outwear",
    "long sleeve outwear",
    "vest",
    "sling",
    "shorts",
    "trousers",
    "skirt",
    "short sleeve dress",
    "long sleeve dress",
    "vest dress",
    "sling dress",
)
"""The 13 garment categories of DeepFashion2 (Ge et al., CVPR 2019), in the dataset's order."""

LANDMARKS = (
    "neck_left",
    "neck_right",
    "neck_bottom",
    "shoulder_left",
    "shoulder_right",
    "cuff_left_outer",
    "cuff_left_inner",
    "cuff_right_outer",
    "cuff_right_inner",
    "armpit_left",
    "armpit_right",
    "waist_left",
    "waist_right",
    "hem_left",
    "hem_right",
    "waistband_left",
    "waistband_right",
    "crotch",
    "leg_left_outer",
    "leg_left_inner",
    "leg_right_inner",
    "leg_right_outer",
)
"""The named points of the shipped landmark head; a spec may bring others."""

FORMAT = 1
"""Version of the file format; a reader refuses a newer one."""


_OPPOSITE = {"left": "right", "right": "left"}


def counterpart(name: str) -> str:
    """The name of a landmark's or region's mirror image; its own where it has none."""
    return "_".join(_OPPOSITE.get(part, part) for part in name.split("_"))


def mirrored_landmarks(names: tuple[str, ...]) -> tuple[int, ...]:
    """Index of each landmark's counterpart in a mirrored photo; a point without one is its own."""
    return tuple(names.index(counterpart(name)) for name in names)


@dataclasses.dataclass(frozen=True)
class PhotoSpec:
    """How photos are prepared. `working_side`: longest side in pixels of the photo that the steps pass on."""

    working_side: int = 1024
    fill: tuple[int, int, int] = (124, 116, 104)


@dataclasses.dataclass(frozen=True)
class DetectorSpec:
    """Input side in pixels, thresholds of the suppression, and the fewest pixels a garment's side may have."""

    side: int = 256
    score_threshold: float = 0.4
    iou_threshold: float = 0.6
    max_garments: int = 16
    min_side: float = 4.0


@dataclasses.dataclass(frozen=True)
class CropSpec:
    """Side of the encoder's input and the margin around the garment, as a share of the box's longer side."""

    side: int = 224
    margin: float = 0.08


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


@dataclasses.dataclass(frozen=True)
class ScoringSpec:
    """What similarities mean.

    `region_weights`: category (or "default") -> five weights. `background_mean`, `background_std`: similarity of
    a region between unrelated garments. `region_kept_above`: similarity from which a region counts as kept.
    `best_of`: how many of the best regions `partial` looks at.
    `copy_slope`, `copy_offset`: probability that a hit is a copy = logistic(slope * partial score + offset).
    """

    region_weights: Mapping[str, tuple[float, ...]]
    background_mean: tuple[float, ...] = (0.0,) * 5
    background_std: tuple[float, ...] = (1.0,) * 5
    region_kept_above: tuple[float, ...] = (0.5,) * 5
    best_of: int = 3
    copy_slope: float = 1.0
    copy_offset: float = 0.0

    def weights_for(self, category: str) -> tuple[float, ...]:
        """The five region weights for a query of this category."""
        return self.region_weights.get(category, self.region_weights["default"])


@dataclasses.dataclass(frozen=True)
class Spec:
    """All numbers of one set of weights.

    `fingerprint` names the networks and numbers that determine region vectors: vectors are comparable when it is
    equal. `detector_fingerprint` names the detector.
    """

    photo: PhotoSpec
    detector: DetectorSpec
    crop: CropSpec
    encoder: EncoderSpec
    landmarks: tuple[str, ...]
    regions: RegionSpec
    scoring: ScoringSpec
    fingerprint: str = "00000000"
    detector_fingerprint: str = "00000000"
    format: int = FORMAT

    def vector_numbers(self) -> str:
        """Canonical text of the numbers that determine region vectors, for the fingerprint."""
        data = dataclasses.asdict(self)
        return json.dumps(
            {key: data[key] for key in ("photo", "crop", "encoder", "landmarks", "regions")}, sort_keys=True
        )

    def to_json(self) -> str:
        """The file's text."""
        return json.dumps(dataclasses.asdict(self), indent=2) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Spec:
        """Read the file's text. Raises InternalError when it is not a spec that this version reads."""
        try:
            data = json.loads(text)
            if data["format"] > FORMAT:
                raise InternalError(
                    f"spec.json has format {data['format']}, this version of seamline reads up to {FORMAT}"
                )
            return _spec(data)
        except (ValueError, KeyError, TypeError) as error:
            raise InternalError(f"spec.json is not a valid spec: {type(error).__name__} {error}") from error

    @classmethod
    def load(cls, path: Path) -> Spec:
        """Read a spec file. Raises InternalError when it is missing or not valid."""
        try:
            text = path.read_text(encoding="utf-8")
        except OSError as error:
            raise InternalError(
                f"spec.json of the step {path.parent.parent.name!r} cannot be read; install the weights again"
            ) from error
        return cls.from_json(text)


def _spec(data: dict[str, Any]) -> Spec:
    scoring = data["scoring"]
    return Spec(
        photo=PhotoSpec(**_tuples(data["photo"])),
        detector=DetectorSpec(**data["detector"]),
        crop=CropSpec(**data["crop"]),
        encoder=EncoderSpec(**data["encoder"]),
        landmarks=tuple(data["landmarks"]),
        regions=_region_spec(data["regions"]),
        scoring=ScoringSpec(
            **{
                **_tuples(scoring),
                "region_weights": {key: tuple(row) for key, row in scoring["region_weights"].items()},
            }
        ),
        fingerprint=data["fingerprint"],
        detector_fingerprint=data["detector_fingerprint"],
        format=data["format"],
    )


def _region_spec(data: dict[str, Any]) -> RegionSpec:
    groups = {name: tuple(_rule(rule) for rule in rules) for name, rules in data["groups"].items()}
    return RegionSpec(groups, data["group_of"], data["min_confidence"], data["min_cells"])


def _rule(data: dict[str, Any]) -> RegionRule:
    points = tuple(
        point if isinstance(point, str) else (point[0], point[1], float(point[2])) for point in data["points"]
    )
    return RegionRule(points, data["margin"])


def _tuples(data: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in data.items()}
