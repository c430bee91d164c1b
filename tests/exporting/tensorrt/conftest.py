"""NVIDIA's ahead-of-time builder, which works on any x86-64 Linux machine."""

from __future__ import annotations

import pytest

from seamline.exporting import ExportError
from seamline.exporting.tensorrt.trt_variant import TrtVariant, tensorrt_rtx


@pytest.fixture(scope="session")
def rtx() -> TrtVariant:
    """TensorRT-RTX; where its wheels are missing the tests that need it are skipped."""
    try:
        return tensorrt_rtx()
    except ExportError as error:
        pytest.skip(str(error))
