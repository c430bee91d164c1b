"""A spec against itself and against the tensors that the configurations declare."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from seamline.core.errors import BadOption
from seamline.core.spec import CATEGORIES, ScoringSpec, Spec
from seamline.exporting.errors import InstallRefused
from seamline.exporting.install.repository import Step
from seamline.ranking import RANKINGS
from seamline.systems import system_named

Dims = tuple[int, ...]

_POSITIVE = {
    "photo": ("working_side",),
    "detector": ("side", "max_garments"),
    "crop": ("side",),
}


def check_spec(spec: Spec) -> None:
    """Raise InstallRefused when the spec's own parts contradict each other."""
    for problem in _problems(spec):
        raise InstallRefused(f"spec.json cannot be used: {problem}; take the one that training wrote")


def check_configs(spec: Spec, steps: Sequence[Step], ensembles: Mapping[str, Any]) -> None:
    """Raise InstallRefused when a configuration declares a tensor otherwise than the spec's numbers say.

    `ensembles`: name -> config. A tensor of the same name means the same everywhere, so all are held against one
    table of trailing dimensions.
    """
    wanted = tensors(spec)
    configs = {f"{step.name} ({variant})": config for step in steps for variant, config in step.configs.items()}
    for name, config in {**configs, **ensembles}.items():
        for tensor in (*config.input, *config.output):
            numbers = wanted.get(tensor.name, ())
            declared = tuple(tensor.dims)[-len(numbers) :] if numbers else ()
            if len(declared) != len(numbers) or any(a not in (-1, b) for a, b in zip(declared, numbers, strict=True)):
                raise InstallRefused(
                    f"{tensor.name} ends in {list(declared)} in the configuration of {name}, and spec.json says "
                    f"{list(numbers)}; correct the one that is wrong"
                )
    check_batches(spec, steps)


def tensors(spec: Spec) -> dict[str, Dims]:
    """Tensor -> its trailing dimensions, as far as the spec determines them."""
    crop, detector, count = spec.crop.side, spec.detector.side, len(spec.parts)
    return {
        "DETECTOR_INPUT": (detector, detector, 3),
        "DETECTOR_BOXES": (4,),
        "DETECTOR_SCORES": (len(CATEGORIES),),
        "DETECTOR_DIRECTIONS": (2,),
        "SQUARES": (5,),
        "CROPS": (crop, crop, 3),
        "LANDMARKS": (len(spec.landmarks), 3),
        "CROP_LANDMARKS": (len(spec.landmarks), 3),
        "PART_BOXES": (count, 4),
        "PART_CORNERS": (count, 4, 2),
        "CROP_PART_BOXES": (count, 4),
        "PART_VISIBLE": (count,),
        "CROP_PART_VISIBLE": (count,),
        "HEAD_EMBEDDING": (count, spec.parts.dimension),
        "EMBEDDING": (count, spec.parts.dimension),
        "HIT_PART_SIMILARITY": (count,),
        **of_system(spec).own_tensors(),
    }


def of_system(spec: Spec) -> Spec:
    """The spec as its system reads it. Raises InstallRefused for a system that this seamline does not know."""
    try:
        return system_named(spec.system).spec_type.of(spec)
    except BadOption as error:
        raise InstallRefused(f"spec.json names a system that is not here: {error}") from None
    except (KeyError, TypeError, ValueError) as error:
        raise InstallRefused(
            f"spec.json cannot be used: its section network is not that of {spec.system} ({error}); "
            "take the one that training wrote or, where an older seamline did, the weights that come with this one"
        ) from None


def check_batches(spec: Spec, steps: Sequence[Step]) -> None:
    """Raise InstallRefused when a network takes fewer garments at once than a photo may have; the detector is given the
    crops of those that lie turned."""
    most = spec.detector.max_garments
    for step in steps:
        if not step.is_python and step.config.max_batch_size < most:
            raise InstallRefused(
                f"{step.name} takes batches of at most {step.config.max_batch_size} by its config.pbtxt, and spec.json "
                f"allows {most} garments in a photo (max_garments); make them equal"
            )


def _problems(spec: Spec) -> Iterator[str]:
    for part, names in _POSITIVE.items():
        for name in names:
            value = getattr(getattr(spec, part), name)
            if not isinstance(value, int) or isinstance(value, bool) or value < 1:
                yield f"{part}.{name} is {value!r} and should be a whole number above 0"
    if len(set(spec.landmarks)) != len(spec.landmarks):
        yield "landmarks should be different names"
    yield from of_system(spec).own_problems()
    yield from _score_problems(spec)


def _score_problems(spec: Spec) -> Iterator[str]:
    scoring = spec.scoring
    if "default" not in scoring.part_weights:
        yield "scoring.part_weights has no row 'default'"
    rows = {f"part_weights.{name}": row for name, row in scoring.part_weights.items()}
    for name in ("znorm_mean", "znorm_std", "kept_above"):
        rows[name] = getattr(scoring, name)
    for name, row in rows.items():
        if len(row) != len(spec.parts) or not all(math.isfinite(value) for value in row):
            yield f"scoring.{name} should be {len(spec.parts)} finite numbers"
    unknown = [name for name in spec.rankings if name not in RANKINGS]
    if unknown or not spec.rankings:
        yield f"rankings should be some of {', '.join(RANKINGS)}"
    for name in ("region_odds", "whole_odds"):
        values = getattr(scoring, name)
        if len(values) != 2 or not all(math.isfinite(value) for value in values) or values[0] <= 0:
            yield f"scoring.{name} is {values!r} and should be a slope above 0 and an offset"
    yield from _kept_problems(scoring, len(spec.parts))
    yield from _cohort_problems(scoring)
    if not 1 <= scoring.best_of <= len(spec.parts):
        yield f"scoring.best_of is {scoring.best_of} and should lie between 1 and {len(spec.parts)}"


def _kept_problems(scoring: ScoringSpec, parts: int) -> Iterator[str]:
    if scoring.kept_context and not (
        len(scoring.kept_context) == parts and all(0 <= value < 1 for value in scoring.kept_context)
    ):
        yield f"scoring.kept_context should be {parts} numbers from 0 on and below 1, or none"
    if scoring.kept_slope and not (
        len(scoring.kept_slope) == parts and all(0 < value < math.inf for value in scoring.kept_slope)
    ):
        yield f"scoring.kept_slope should be {parts} finite numbers above 0, or none"
    if not math.isfinite(scoring.kept_usual):
        yield f"scoring.kept_usual is {scoring.kept_usual!r} and should be a finite number"


def _cohort_problems(scoring: ScoringSpec) -> Iterator[str]:
    if not (math.isfinite(scoring.copy_cohort) and scoring.copy_cohort <= 0):
        yield f"scoring.copy_cohort is {scoring.copy_cohort!r} and should be a finite number, 0 or less"
    scores = scoring.cohort_scores
    if len(scores) != 3 or not all(math.isfinite(value) for value in scores) or list(scores) != sorted(scores):
        yield f"scoring.cohort_scores is {scores!r} and should be three finite numbers that rise"
