"""ONNX files: what is in them, or one sentence about what is wrong."""

from __future__ import annotations

from pathlib import Path

import onnx

from seamline.exporting.errors import ExportError


def inputs(model: onnx.ModelProto) -> list[onnx.ValueInfoProto]:
    """The inputs that a caller gives."""
    given = {value.name for value in model.graph.initializer}
    return [value for value in model.graph.input if value.name not in given]


def read(path: Path) -> onnx.ModelProto:
    """An ONNX file. Raises ExportError for what is missing, cut off or no network."""
    if not path.is_file():
        raise ExportError(f"{path} is no file; name an ONNX file that export/to_onnx.py wrote")
    try:
        model = onnx.load(str(path))
    except Exception as error:  # protobuf has its own exceptions in every implementation
        raise ExportError(f"{path} is cut off or no ONNX file; export it again") from error
    if not model.graph.node or not model.graph.output:
        raise ExportError(f"{path} holds no network; name an ONNX file that export/to_onnx.py wrote")
    return model
