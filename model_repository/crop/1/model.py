"""Triton's entry point for the step crop."""

from seamline.serving.crop import Crop
from seamline.serving.triton import triton_model

TritonPythonModel = triton_model(Crop)
