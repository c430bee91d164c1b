"""Bringing a model with a dead process back while the server runs on."""

from __future__ import annotations

import time
from collections.abc import Collection

from tritonclient import grpc as triton

_UNLOAD_PATIENCE = 3.0
_LOAD_TIMEOUT = 25.0


def reload_models(client: triton.InferenceServerClient, models: Collection[str], ensembles: Collection[str]) -> None:
    """Unloads `models` and loads `ensembles`, which brings every missing step back.

    Loading alone would do nothing: nothing in the repository has changed, and Triton believes that the
    model is ready. Raises InferenceServerException when Triton refuses or does not answer.
    """
    for name in models:
        client.unload_model(name, client_timeout=_LOAD_TIMEOUT)
    deadline = time.monotonic() + _UNLOAD_PATIENCE
    while _ready(client) & set(models) and time.monotonic() < deadline:
        time.sleep(0.1)
    for name in ensembles:
        client.load_model(name, client_timeout=_LOAD_TIMEOUT)


def _ready(client: triton.InferenceServerClient) -> set[str]:
    index = client.get_model_repository_index(client_timeout=5.0)
    return {model.name for model in index.models if model.state == "READY"}
