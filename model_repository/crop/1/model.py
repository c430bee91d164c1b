"""Triton's entry point for the step crop."""

from seamline.steps.crop import Crop
from seamline.steps.triton import triton_model

TritonPythonModel = triton_model(Crop)
