"""The numbers that a set of weights brings along: `spec.json`.

`config.pbtxt` owns the wire (names, types, batching); `spec.json` owns parts, sizes, landmark names, calibration,
fingerprints and what else the system's own code reads. Training writes it beside a checkpoint, export copies it
unchanged into every step that reads it.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Self

from seamline.core.errors import InternalError
from seamline.core.parts import ANY_CATEGORY, Parts
from seamline.core.spec_formats import FORMAT, upgraded

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

NO_FINGERPRINT = "00000000"
"""Of weights that were never installed."""


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
    """Input side in pixels, thresholds of the suppression, the fewest pixels a garment's side may have, and the degrees
    within which a garment counts as upright."""

    side: int = 256
    score_threshold: float = 0.47
    iou_threshold: float = 0.5
    max_garments: int = 16
    min_side: float = 4.0
    upright_within: float = 15.0


@dataclasses.dataclass(frozen=True)
class CropSpec:
    """Side of the encoder's input and the margin around the garment, as a share of the box's longer side."""

    side: int = 224
    margin: float = 0.08


COHORT_SIZE = 1024
"""Garments of a collection that a query's similarities and scores are normalised by."""


@dataclasses.dataclass(frozen=True)
class ScoringSpec:
    """What similarities mean.

    `part_weights`: category (or "default") -> P weights. `znorm_mean`, `znorm_std` (P,): similarity of a part between
    unrelated garments, for score normalisation. `kept_above` (P,): similarity from which a part counts as kept where
    the pair's other regions are as alike as usual; `kept_context` (P,): by how much of what their mean lies above
    `kept_usual` a region's threshold moves; `kept_slope` (P,): log odds that a part was kept per unit of similarity
    above its threshold (`seamline.ranking.kept`). The last three may be empty: nothing moves, and all slopes are 1.
    `best_of`: how many of the best parts `partial` looks at; `region_odds`, `whole_odds`: slope and offset that make
    log odds of what it finds in them and in the garment as a whole, where that is a part. `copy_slope`, `copy_offset`:
    probability that a hit is a copy = logistic(slope * score of the system's default ranking + offset), to which
    `copy_cohort` adds what the query's cohort score lies above the usual one (`seamline.ranking.cohort`);
    `cohort_scores`: the least and the usual one, and the largest one that counts.
    """

    part_weights: Mapping[str, tuple[float, ...]]
    znorm_mean: tuple[float, ...]
    znorm_std: tuple[float, ...]
    kept_above: tuple[float, ...]
    best_of: int = 3
    copy_slope: float = 1.0
    copy_offset: float = 0.0
    region_odds: tuple[float, float] = (1.0, 0.0)
    whole_odds: tuple[float, float] = (1.0, 0.0)
    kept_context: tuple[float, ...] = ()
    kept_usual: float = 0.0
    kept_slope: tuple[float, ...] = ()
    copy_cohort: float = 0.0
    cohort_scores: tuple[float, float, float] = (0.0, 0.0, 0.0)

    @classmethod
    def of_parts(cls, count: int) -> ScoringSpec:
        """Before anything was measured: P equal weights, similarities as they are."""
        equal = {ANY_CATEGORY: (1 / count,) * count}
        return cls(equal, (0.0,) * count, (1.0,) * count, (0.5,) * count, best_of=min(3, count))

    def weights_for(self, category: str) -> tuple[float, ...]:
        """The P weights for a query of this category."""
        return self.part_weights.get(category, self.part_weights[ANY_CATEGORY])


@dataclasses.dataclass(frozen=True)
class Spec:
    """All numbers of one set of weights of a system.

    `rankings`: names of those that its searches offer, the default first. `network`: numbers that only the system
    reads, by section. `fingerprint` names the networks and numbers that determine the vectors: vectors are comparable
    when it is equal. `detector_fingerprint` names the detector.
    """

    system: str
    parts: Parts
    scoring: ScoringSpec
    photo: PhotoSpec = PhotoSpec()
    detector: DetectorSpec = DetectorSpec()
    crop: CropSpec = CropSpec()
    landmarks: tuple[str, ...] = ()
    network: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    rankings: tuple[str, ...] = ("partial", "weighted", "global")
    fingerprint: str = NO_FINGERPRINT
    detector_fingerprint: str = NO_FINGERPRINT
    format: int = FORMAT

    def vector_numbers(self) -> str:
        """Canonical text of the numbers that determine the vectors, for the fingerprint."""
        shared = {
            "photo": dataclasses.asdict(self.photo),
            "crop": dataclasses.asdict(self.crop),
            "landmarks": self.landmarks,
        }
        return json.dumps({**self.network, **shared}, sort_keys=True)

    def own_problems(self) -> Iterator[str]:
        """A sentence for each contradiction among the numbers that only the system reads."""
        yield from ()

    def one_of_each_kind(self) -> tuple[str, ...]:
        """Categories that the system treats in different ways, one of each kind."""
        return CATEGORIES[:1]

    def own_tensors(self) -> dict[str, tuple[int, ...]]:
        """Tensor -> its trailing dimensions, of those that only the system's steps have."""
        return {}

    def to_json(self) -> str:
        """The file's text."""
        data = {field.name: getattr(self, field.name) for field in dataclasses.fields(Spec)}
        plain = {name: dataclasses.asdict(value) if _is_table(value) else value for name, value in data.items()}
        return json.dumps({**plain, "parts": self.parts.to_data()}, indent=2) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read the file's text. Raises InternalError when it is not a spec that this version reads."""
        try:
            data = json.loads(text)
            if data["format"] > FORMAT:
                raise InternalError(
                    f"spec.json has format {data['format']}, this version of seamline reads up to {FORMAT}"
                )
            return cls.of(_spec(upgraded(data)))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise InternalError(f"spec.json is not a valid spec: {type(error).__name__} {error}") from error

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a spec file. Raises InternalError when it is missing or not valid."""
        try:
            text = path.read_text(encoding="utf-8")
        except OSError as error:
            raise InternalError(
                f"spec.json of the step {path.parent.parent.name!r} cannot be read; install the weights again"
            ) from error
        return cls.from_json(text)

    @classmethod
    def of(cls, spec: Spec) -> Self:
        """The same numbers with those of `network` as a system reads them. Raises KeyError, TypeError, ValueError."""
        return cls(**{field.name: getattr(spec, field.name) for field in dataclasses.fields(Spec)})


def _is_table(value: object) -> bool:
    return dataclasses.is_dataclass(value) and not isinstance(value, type)


def _spec(data: dict[str, Any]) -> Spec:
    scoring = data["scoring"]
    weights = {key: tuple(row) for key, row in scoring["part_weights"].items()}
    return Spec(
        system=str(data["system"]),
        parts=Parts.from_data(data["parts"]),
        scoring=ScoringSpec(**{**_tuples(scoring), "part_weights": weights}),
        photo=PhotoSpec(**_tuples(data["photo"])),
        detector=DetectorSpec(**data["detector"]),
        crop=CropSpec(**data["crop"]),
        landmarks=tuple(data["landmarks"]),
        network=data["network"],
        rankings=tuple(data["rankings"]),
        fingerprint=data["fingerprint"],
        detector_fingerprint=data["detector_fingerprint"],
    )


def _tuples(data: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in data.items()}
