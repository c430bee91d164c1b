"""Triton's entry point for the step region_pool."""

from seamline.serving.triton import triton_model
from seamline.systems.psnet.region_pool import RegionPool

TritonPythonModel = triton_model(RegionPool)
