"""Certificates for tests, made with OpenSSL's command."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

KIND = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]


def openssl(*words: str | Path) -> None:
    subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True)


def authority(folder: Path, name: str) -> Path:
    """The certificate of a new authority; its key lies beside it."""
    if shutil.which("openssl") is None:
        pytest.skip("no openssl command to make certificates with")
    made = folder / f"{name}.pem"
    key = made.with_suffix(".key")
    subject = ["-days", "2", "-subj", f"/CN={name}"]
    openssl("req", "-x509", *KIND, "-nodes", "-keyout", key, "-out", made, *subject)
    return made


def certificate(folder: Path, name: str, signer: Path) -> Path:
    """A certificate for 127.0.0.1 and milvus.test; its key lies beside it."""
    made, request, names = folder / f"{name}.pem", folder / f"{name}.csr", folder / f"{name}.ext"
    key = made.with_suffix(".key")
    names.write_text("subjectAltName=IP:127.0.0.1,DNS:milvus.test\n")
    openssl("req", *KIND, "-nodes", "-keyout", key, "-out", request, "-subj", f"/CN={name}")
    signing: list[str | Path] = ["-CA", signer, "-CAkey", signer.with_suffix(".key"), "-CAcreateserial", "-days", "2"]
    openssl("x509", "-req", "-in", request, "-extfile", names, "-out", made, *signing)
    return made
