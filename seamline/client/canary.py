"""The photo that health checks send: 64 x 64 pixels of plain grey, which show no garment."""

from __future__ import annotations

import base64

CANARY = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAEAAAABACAIAAAAlC+aJAAAAUUlEQVR42u3PMQ0AMAgAMJhaBHAifio4SFoHzemKy14cJyAgICAg"
    "ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgILDvAxgnAdihusdiAAAAAElFTkSuQmCC"
)
"""A PNG file's bytes."""
