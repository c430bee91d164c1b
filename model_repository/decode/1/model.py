"""Triton's entry point for the step decode."""

from seamline.serving.decode import Decode
from seamline.serving.triton import triton_model

TritonPythonModel = triton_model(Decode)
