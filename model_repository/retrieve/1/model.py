"""Triton's entry point for the step retrieve."""

from seamline.steps.retrieve import Retrieve
from seamline.steps.triton import triton_model

TritonPythonModel = triton_model(Retrieve)
