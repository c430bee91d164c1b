"""What Triton's python stub loads for every model with `backend: "onnxruntime"`."""

from seamline.local.onnx_backend import TritonPythonModel

__all__ = ["TritonPythonModel"]
