"""Calls that several tests of the local server make."""

from __future__ import annotations

from typing import Any

import numpy as np
from tritonclient import grpc as triton

RICH_CONFIG = """default_model_filename: "network.onnx"
version_policy { all {} }
parameters { key: "intra_op_thread_count" value: { string_value: "2" } }
parameters { key: "execution_mode" value: { string_value: "1" } }
parameters { key: "inter_op_thread_count" value: { string_value: "2" } }
optimization { graph { level: 1 } }
model_warmup [{ name: "zeros" batch_size: 2
  inputs { key: "SIZE" value { data_type: TYPE_FP32 dims: [2] zero_data: true } } }]
"""


def embed(client: triton.InferenceServerClient, image: bytes, ensemble: str = "embed", timeout: float = 30.0) -> Any:
    """One photo through an ensemble."""
    tensor = triton.InferInput("IMAGE", [1], "BYTES")
    tensor.set_data_from_numpy(np.array([image], dtype=np.object_))
    return client.infer(ensemble, [tensor], client_timeout=timeout)
