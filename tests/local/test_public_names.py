from __future__ import annotations

import subprocess
import sys

import seamline.local
from seamline.core.errors import SeamlineError


def test_every_public_name_can_be_imported() -> None:
    for name in seamline.local.__all__:
        assert getattr(seamline.local, name).__name__ == name


def test_unknown_names_are_unknown() -> None:
    assert not hasattr(seamline.local, "nothing")


def test_every_error_is_a_seamline_error() -> None:
    kinds = [getattr(seamline.local, name) for name in seamline.local.__all__]
    errors = [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, Exception)]
    assert len(errors) == 16
    assert all(issubclass(error, SeamlineError) for error in errors)


def test_the_backend_imports_neither_grpc_nor_pymilvus() -> None:
    program = (
        "import sys, seamline.local.onnx_model; "
        "print([name for name in ('grpc', 'tritonclient', 'pymilvus', 'torch') if name in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
