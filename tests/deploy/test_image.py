"""What the Dockerfile puts into the image exists, and what starts in it starts Triton as documented."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from tritonclient.utils import InferenceServerException

from seamline.client import Client, ClientSecurity
from seamline.core.errors import AccessRefused
from seamline.gateway.tokens import add_token
from seamline.local import Endpoints, LocalOptions
from seamline.local.canary import connect, picture
from seamline.local.folder import StateFolder
from seamline.local.launch import TritonLaunch
from seamline.local.triton_wheel import TritonWheel, build_backends
from tests.support.certificates import authority, certificate
from tests.support.milvus_lite import free_port
from tests.support.repositories import ENSEMBLES, MODEL_REPOSITORY, ROOT

SERVE = ROOT / "deploy" / "serve.sh"
KEY = "4f0c"


def test_every_file_that_the_image_copies_is_there_and_not_ignored() -> None:
    lines = (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8").splitlines()
    copied = [word for line in lines if line.startswith("COPY") for word in line.split()[1:-1] if word[0] != "-"]
    sent = (ROOT / "deploy" / "Dockerfile.dockerignore").read_text(encoding="utf-8").split()
    assert "export" in copied
    for name in copied:
        assert (ROOT / name).exists(), name
        assert f"!{name}" in sent, name


def run_with_fake(folder: Path, environment: dict[str, str], *arguments: str) -> list[str]:
    fake = folder / "tritonserver"
    fake.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n', encoding="utf-8")
    fake.chmod(0o755)
    path = {"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"} | key_file(folder)
    told = subprocess.run([SERVE, *arguments], env=path | environment, capture_output=True, text=True, check=True)
    return told.stdout.splitlines()


def key_file(folder: Path, key: str = KEY) -> dict[str, str]:
    file = folder / "operator.key"
    file.write_text(f"{key}\n", encoding="utf-8")
    return {"SEAMLINE_OPERATOR_KEY_FILE": str(file)}


@pytest.mark.parametrize(
    ("key", "said"), [("", "letters and digits"), ("a b;c", "letters and digits"), (None, "name a file")]
)
def test_serving_refuses_to_start_without_a_key(tmp_path: Path, key: str | None, said: str) -> None:
    given = {} if key is None else key_file(tmp_path, key)
    environment = {"PATH": os.environ["PATH"]} | given
    told = subprocess.run([SERVE], env=environment, capture_output=True, text=True, check=False)
    assert told.returncode == 2
    assert said in told.stderr


def test_serving_starts_the_cpu_variant_of_both_repositories(tmp_path: Path) -> None:
    words = run_with_fake(tmp_path, {})
    assert "--model-config-name=cpu" in words
    assert "--allow-http=false" in words
    closed = next(word for word in words if word.startswith("--grpc-restricted-protocol="))
    assert closed.endswith(f":seamline={KEY}")
    assert [word for word in words if word.startswith("--model-repository")] == [
        "--model-repository=/seamline/model_repository",
        "--model-repository=/seamline/ensembles",
    ]
    assert {f"--load-model={folder.name}" for folder in ENSEMBLES.iterdir()} <= set(words)


def test_serving_takes_another_variant_and_further_arguments(tmp_path: Path) -> None:
    words = run_with_fake(tmp_path, {"SEAMLINE_VARIANT": "gpu_trt"}, "--log-verbose=1", "--grpc-port=9")
    assert "--model-config-name=gpu_trt" in words
    assert words[-2:] == ["--log-verbose=1", "--grpc-port=9"]


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """deploy/serve.sh over the shipped repositories, with the wheel's Triton; its gRPC address."""
    home, wheel, port = StateFolder.at(folder / "home"), TritonWheel.find(), free_port()
    home.create()
    build_backends(wheel, home.backends)
    endpoints = Endpoints("", f"127.0.0.1:{port}", "", "http://127.0.0.1:9")
    environment = TritonLaunch(LocalOptions(home=home.home), endpoints, home).environment(wheel)
    environment["PATH"] = f"{wheel.server.parent}{os.pathsep}{environment['PATH']}"
    environment |= {"SEAMLINE_MODEL_REPOSITORY": str(MODEL_REPOSITORY), "SEAMLINE_ENSEMBLES": str(ENSEMBLES)}
    environment |= key_file(folder)
    words = [
        f"--backend-directory={home.backends}", "--allow-metrics=false", f"--grpc-port={port}",
        "--grpc-address=127.0.0.1", "--pinned-memory-pool-byte-size=0",
    ]  # fmt: skip
    with (folder / "log").open("w", encoding="utf-8") as log:
        process = subprocess.Popen([SERVE, *words], env=environment, cwd=ROOT, stdout=log, stderr=log)
        try:
            yield endpoints.triton
        finally:
            process.terminate()
            process.wait(30)


def health_check(address: str, environment: dict[str, str]) -> int:
    """The compose file's health check, word for word."""
    line = re.search(r"test: \[CMD, (seamline.*)\]", (ROOT / "deploy" / "compose.yaml").read_text(encoding="utf-8"))
    assert line is not None
    words = [word.strip(' "') for word in line[1].split(",")]
    command = [str(Path(sys.executable).parent / words[0]), *words[1:]]
    return subprocess.run(
        [word.replace("127.0.0.1:8001", address) for word in command],
        env=os.environ | environment,
        capture_output=True,
        check=False,
    ).returncode


@pytest.mark.server
def test_triton_answers_those_who_have_the_key_and_the_gateway_those_who_have_a_token(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = key_file(tmp_path)
    assert health_check(f"127.0.0.1:{free_port()}", key) == 4, "nothing answers there"
    with serving(tmp_path) as address:
        deadline = time.monotonic() + 60
        while (code := health_check(address, key)) and time.monotonic() < deadline:
            time.sleep(0.5)
        assert code == 0, (tmp_path / "log").read_text(encoding="utf-8")[-3000:]
        assert health_check(address, {}) != 0
        with connect(address) as client, pytest.raises(InferenceServerException, match="restricted"):
            client.get_model_repository_index()
        monkeypatch.setenv("SEAMLINE_OPERATOR_KEY_FILE", key["SEAMLINE_OPERATOR_KEY_FILE"])
        with connect(address) as client:
            assert client.get_model_repository_index().models
        with gateway_before(address, tmp_path) as (listen, local, security):
            monkeypatch.delenv("SEAMLINE_OPERATOR_KEY_FILE")
            assert health_check(local, {}) == 0
            with Client(listen, security=security) as client:
                assert client.embed(picture()).photo_size == (96, 96)
            with Client(listen, security=replace(security, token="no"), retries=0) as client:  # noqa: SIM117
                with pytest.raises(AccessRefused):
                    client.embed(picture())


@contextmanager
def gateway_before(address: str, folder: Path) -> Iterator[tuple[str, str, ClientSecurity]]:
    """The gateway of the compose file, on free ports: where it listens, where for this machine, a client's token."""
    signer = authority(folder, "signer")
    made = certificate(folder, "gateway", signer)
    listen, local = f"127.0.0.1:{free_port()}", f"127.0.0.1:{free_port()}"
    token = add_token(folder / "tokens.toml", "me")
    words = [
        "gateway", "--listen", listen, "--triton", address, "--local", local, "--tls-cert", str(made),
        "--tls-key", str(made.with_suffix(".key")), "--tokens", str(folder / "tokens.toml"),
    ]  # fmt: skip
    command = [str(Path(sys.executable).parent / "seamline"), *words]
    environment = os.environ | {"PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert b"listening" in process.stdout.readline()
        yield listen, local, ClientSecurity(token, str(signer))
        process.terminate()
        assert process.wait(10) == 0
