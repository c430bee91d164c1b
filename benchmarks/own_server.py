"""A local server that a benchmark starts for itself, beside whatever runs on the machine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from seamline.local import LocalOptions


def own_server(home: Path, model_repository: Path, ensembles: Path, **others: Any) -> LocalOptions:
    """A server of these repositories with its state in `home`, on ports that are free; `others` as in LocalOptions."""
    return LocalOptions(
        home=home,
        model_repository=model_repository,
        ensembles=ensembles,
        grpc_port=0,
        metrics_port=0,
        milvus_port=0,
        **others,
    )
