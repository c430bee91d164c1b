"""Triton's entry point for the step trim."""

from seamline.serving.trim import Trim
from seamline.serving.triton import triton_model

TritonPythonModel = triton_model(Trim)
