"""ONNX to TensorRT: NVIDIA's own parser and builder without a GPU, engines with one, and int8 at a known cost.

TensorRT and TensorRT-RTX have one API. What is here takes either as a `TrtVariant`: TensorRT-RTX builds ahead of time
for GPUs that are not there, which is how `check` hears what NVIDIA refuses on a machine without any; TensorRT builds
the plan that Triton serves. Networks are strongly typed: a precision is written in the ONNX file and never a flag.
"""
