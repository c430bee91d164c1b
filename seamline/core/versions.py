"""What an answer says of its own origin: the VERSIONS tensor."""

from __future__ import annotations

from typing import Any

import seamline
from seamline.core.spec import REGIONS, Spec


def describe(spec: Spec) -> dict[str, Any]:
    """The part of VERSIONS that the weights determine, ready for JSON."""
    scoring = spec.scoring
    return {
        "seamline": seamline.__version__,
        "fingerprint": spec.fingerprint,
        "detector": spec.detector_fingerprint,
        "regions": list(REGIONS),
        "landmarks": list(spec.landmarks),
        "dimension": spec.encoder.dimension,
        "region_kept_above": list(scoring.region_kept_above),
        "background_mean": list(scoring.background_mean),
        "background_std": list(scoring.background_std),
        "best_of": scoring.best_of,
        "copy_slope": scoring.copy_slope,
        "copy_offset": scoring.copy_offset,
        "region_weights": list(scoring.weights_for("default")),
    }
