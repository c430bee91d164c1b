"""Triton's entry point for the step region_pool."""

from seamline.steps.region_pool import RegionPool
from seamline.steps.triton import triton_model

TritonPythonModel = triton_model(RegionPool)
