"""The networks, in PyTorch. Only training and export import this package; serving runs their ONNX files."""
