"""Bringing a model with a dead process back while the server runs on."""

from __future__ import annotations

import json
import time
from collections.abc import Collection

from tritonclient import grpc as triton

_TIMEOUT = 25.0
_MARK = "seamline_reload"


def reload_models(client: triton.InferenceServerClient, models: Collection[str]) -> None:
    """Loads `models` anew, processes and all; the ensembles stay loaded, and what still works goes on working.

    Loading again as such does nothing, because nothing in the repository has changed and Triton believes
    that the model is ready; a parameter that nobody reads makes the difference. The versions stay those
    that are served: newer weights that have been installed since would come to this model alone. Raises
    InferenceServerException when Triton refuses or does not answer.
    """
    served = _served_versions(client)
    for name in models:
        config = client.get_model_config(name, as_json=True, client_timeout=_TIMEOUT)["config"]
        config.setdefault("parameters", {})[_MARK] = {"string_value": str(time.time_ns())}
        if name in served:
            config["version_policy"] = {"specific": {"versions": served[name]}}
        client.load_model(name, config=json.dumps(config), client_timeout=_TIMEOUT)


def _served_versions(client: triton.InferenceServerClient) -> dict[str, list[int]]:
    """Model -> its loaded versions; a model with a dead process still counts as loaded."""
    served: dict[str, list[int]] = {}
    for model in client.get_model_repository_index(client_timeout=_TIMEOUT).models:
        if model.state == "READY":
            served.setdefault(model.name, []).append(int(model.version))
    return served
