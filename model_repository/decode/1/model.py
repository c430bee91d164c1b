"""Triton's entry point for the step decode."""

from seamline.steps.decode import Decode
from seamline.steps.triton import triton_model

TritonPythonModel = triton_model(Decode)
