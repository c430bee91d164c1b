"""How PS-Net is served: two networks, and between them the step in Python that pools regions."""

from __future__ import annotations

from seamline.systems.base import ServedStep


def region_steps(prefix: str = "") -> tuple[ServedStep, ...]:
    """encoder -> region_pool -> region_head, their names after `prefix`."""
    return (
        ServedStep(
            f"{prefix}encoder",
            "onnxruntime",
            {"CROPS": "crops"},
            {"FEATURES": "features", "CROP_LANDMARKS": "crop_landmarks"},
            network="encoder",
        ),
        ServedStep(
            f"{prefix}region_pool",
            "python",
            {
                "FEATURES": "features",
                "CROP_LANDMARKS": "crop_landmarks",
                "SQUARES": "squares",
                "CROP_CATEGORY": "crop_category",
                "COUNT": "COUNT",
            },
            {
                "REGION_FEATURES": "region_features",
                "REGION_PRESENT": "region_present",
                "LANDMARKS": "LANDMARKS",
                "PART_BOXES": "PART_BOXES",
                "PART_VISIBLE": "PART_VISIBLE",
            },
            model="seamline.systems.psnet.region_pool:RegionPool",
        ),
        ServedStep(
            f"{prefix}region_head",
            "onnxruntime",
            {"REGION_FEATURES": "region_features", "REGION_VISIBLE": "region_present"},
            {"EMBEDDING": "head_embedding"},
            network="region_head",
        ),
    )
