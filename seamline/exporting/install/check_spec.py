"""A spec against itself and against the tensors that the configurations declare."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from seamline.core.spec import CATEGORIES, REGIONS, RegionRule, Spec
from seamline.exporting.errors import InstallRefused
from seamline.exporting.install.repository import Step

Dims = tuple[int, ...]

_POSITIVE = {
    "photo": ("working_side",),
    "detector": ("side", "max_garments"),
    "crop": ("side",),
    "encoder": ("channels", "map_side", "pool_size", "dimension"),
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
    _check_batches(spec, steps)


def tensors(spec: Spec) -> dict[str, Dims]:
    """Tensor -> its trailing dimensions, as far as the spec determines them."""
    encoder, crop, detector = spec.encoder, spec.crop.side, spec.detector.side
    points, regions, pool = len(spec.landmarks), len(REGIONS), encoder.pool_size
    return {
        "DETECTOR_INPUT": (detector, detector, 3),
        "DETECTOR_BOXES": (4,),
        "DETECTOR_SCORES": (len(CATEGORIES),),
        "CROPS": (crop, crop, 3),
        "FEATURES": (encoder.channels, encoder.map_side, encoder.map_side),
        "CROP_LANDMARKS": (points, 3),
        "LANDMARKS": (points, 3),
        "REGION_FEATURES": (regions, encoder.channels, pool, pool),
        "REGION_VISIBLE": (regions,),
        "HEAD_EMBEDDING": (regions, encoder.dimension),
        "EMBEDDING": (regions, encoder.dimension),
    }


def _check_batches(spec: Spec, steps: Sequence[Step]) -> None:
    most = spec.detector.max_garments
    for step in steps:
        names = {tensor.name for tensor in step.config.input}
        if not step.is_python and "DETECTOR_INPUT" not in names and step.config.max_batch_size < most:
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
    if len(set(spec.landmarks)) != len(spec.landmarks) or not spec.landmarks:
        yield "landmarks should be different names, at least one"
    yield from _region_problems(spec)
    yield from _score_problems(spec)


def _region_problems(spec: Spec) -> Iterator[str]:
    groups, known = spec.regions.groups, set(spec.landmarks)
    for category in CATEGORIES:
        if spec.regions.group_of.get(category) not in groups:
            yield f"the category {category!r} has no group of region rules"
    for name, rules in groups.items():
        if len(rules) != len(REGIONS):
            yield f"the group {name!r} has {len(rules)} region rules and should have {len(REGIONS)}"
        unknown = sorted({point for rule in rules for point in _points(rule)} - known)
        if unknown:
            yield f"the region rules of {name!r} name the landmark {unknown[0]!r}, which is not among its landmarks"


def _points(rule: RegionRule) -> Iterator[str]:
    for point in rule.points:
        yield from (point,) if isinstance(point, str) else point[:2]


def _score_problems(spec: Spec) -> Iterator[str]:
    scoring = spec.scoring
    if "default" not in scoring.region_weights:
        yield "scoring.region_weights has no row 'default'"
    rows = {f"region_weights.{name}": row for name, row in scoring.region_weights.items()}
    for name in ("background_mean", "background_std", "region_kept_above"):
        rows[name] = getattr(scoring, name)
    for name, row in rows.items():
        if len(row) != len(REGIONS) or not all(math.isfinite(value) for value in row):
            yield f"scoring.{name} should be {len(REGIONS)} finite numbers"
    if not 1 <= scoring.best_of <= len(REGIONS):
        yield f"scoring.best_of is {scoring.best_of} and should lie between 1 and {len(REGIONS)}"
