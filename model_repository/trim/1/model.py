"""Triton's entry point for the step trim."""

from seamline.steps.trim import Trim
from seamline.steps.triton import triton_model

TritonPythonModel = triton_model(Trim)
