"""Triton's entry point for the step retrieve."""

from seamline.serving.retrieve import Retrieve
from seamline.serving.triton import triton_model

TritonPythonModel = triton_model(Retrieve)
