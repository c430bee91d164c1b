"""What an answer says of its own origin: the VERSIONS tensor."""

from __future__ import annotations

from typing import Any

import seamline
from seamline.core.parts import ANY_CATEGORY
from seamline.core.spec import Spec


def describe(spec: Spec) -> dict[str, Any]:
    """The part of VERSIONS that the weights determine, ready for JSON."""
    scoring, parts = spec.scoring, spec.parts
    return {
        "seamline": seamline.__version__,
        "system": spec.system,
        "fingerprint": spec.fingerprint,
        "detector": spec.detector_fingerprint,
        "parts": list(parts.names),
        "mirror": list(parts.mirror),
        "labels": {category: list(row) for category, row in parts.labels.items()},
        "dimension": parts.dimension,
        "landmarks": list(spec.landmarks),
        "rankings": list(spec.rankings),
        "kept_above": list(scoring.kept_above),
        "kept_context": list(scoring.kept_context),
        "kept_usual": scoring.kept_usual,
        "kept_slope": list(scoring.kept_slope),
        "znorm_mean": list(scoring.znorm_mean),
        "znorm_std": list(scoring.znorm_std),
        "best_of": scoring.best_of,
        "region_odds": list(scoring.region_odds),
        "whole_odds": list(scoring.whole_odds),
        "copy_slope": scoring.copy_slope,
        "copy_offset": scoring.copy_offset,
        "copy_cohort": scoring.copy_cohort,
        "cohort_scores": list(scoring.cohort_scores),
        "part_weights": list(scoring.weights_for(ANY_CATEGORY)),
    }
