"""Calls that several tests of the local server make."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
from pymilvus import MilvusClient, MilvusException
from tritonclient import grpc as triton

from seamline.local.folder import StateFolder
from seamline.local.process import shared_memory_files, supervised_processes

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


def nothing_left(home: Path) -> bool:
    """Whether no process, no shared memory and no state file of a server remains."""
    folder = StateFolder.at(home)
    return (
        not supervised_processes(folder.home)
        and not shared_memory_files(folder.shared_memory_prefix)
        and not folder.server_json.exists()
        and not folder.lock.exists()
    )


def milvus(uri: str) -> MilvusClient:
    """A client of Milvus.

    pymilvus keeps connections for later clients, and the first use of one to a server that has been restarted
    since may fail.
    """
    for _ in range(5):
        try:
            client = MilvusClient(uri)
            client.list_collections()
        except MilvusException:
            time.sleep(0.5)
        else:
            return client
    return MilvusClient(uri)
