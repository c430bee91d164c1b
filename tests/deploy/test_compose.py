"""The compose files keep the rules of the house, and docker compose itself can read them."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

import seamline
from seamline.core.loopback import is_loopback
from seamline.gateway.settings import GatewaySettings
from tests.support.repositories import ROOT

DEPLOY = ROOT / "deploy"
BASE, GPU = DEPLOY / "compose.yaml", DEPLOY / "compose.gpu.yaml"
SECRETS = {"MINIO_ROOT_USER": "somebody", "MINIO_ROOT_PASSWORD": "long-enough", "MILVUS_ROOT_PASSWORD": "other"}

_REQUIRED = re.compile(r"\$\{(\w+):\?[^}]+\}")
_FIXED = re.compile(r"(?:(?:RELEASE\.|v)?\d)[\w.-]*")


def read(path: Path) -> dict[str, Any]:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


SERVICES = read(BASE)["services"]


def all_images() -> list[str]:
    composed = [
        service["image"] for file in (BASE, GPU) for service in read(file)["services"].values() if "image" in service
    ]
    built = re.findall(r"^FROM (\S+:\S+)", (DEPLOY / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE)
    return [*composed, *built]


@pytest.mark.parametrize("image", all_images())
def test_image_has_a_fixed_tag(image: str) -> None:
    assert _FIXED.fullmatch(image.rpartition(":")[2]), image


def test_what_is_built_bears_seamlines_version() -> None:
    own = {image for image in all_images() if image.startswith("seamline")}
    assert own == {f"seamline:{seamline.__version__}", f"seamline-plans:{seamline.__version__}"}


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_every_service_has_a_health_check_and_comes_back(name: str) -> None:
    check = SERVICES[name]["healthcheck"]
    assert check["test"][0] == "CMD"
    assert {"interval", "timeout", "retries", "start_period"} <= set(check)
    assert SERVICES[name]["restart"] == "unless-stopped"


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_a_service_waits_until_what_it_needs_is_healthy(name: str) -> None:
    assert all(need == {"condition": "service_healthy"} for need in SERVICES[name].get("depends_on", {}).values())
    needed = {"gateway": {"triton"}, "triton": {"milvus"}, "milvus": {"etcd", "minio"}}
    assert set(SERVICES[name].get("depends_on", {})) == needed.get(name, set())


def test_triton_has_shared_memory_and_is_asked_by_inference() -> None:
    triton = SERVICES["triton"]
    assert triton["shm_size"] == "1g"
    assert triton["healthcheck"]["test"][1:] == ["seamline", "status", "--url", "127.0.0.1:8001"]


def test_what_is_kept_lies_in_volumes() -> None:
    kept = {name: SERVICES[name]["volumes"] for name in ("milvus", "etcd", "minio")}
    own = {volume.split(":")[0] for volumes in kept.values() for volume in volumes}
    assert own | {"state"} == set(read(BASE)["volumes"])
    assert [volume for volume in SERVICES["triton"]["volumes"] if not volume.endswith(":ro")] == [
        "state:/var/lib/seamline"
    ]


def test_other_machines_reach_the_gateway_only() -> None:
    ports = {name: service.get("ports", []) for name, service in SERVICES.items()}
    assert ports.pop("gateway") == ["8443:8443"]
    assert all(port.startswith("127.0.0.1:") for each in ports.values() for port in each)
    assert not [port for port in ports["triton"] if "8001" in port]
    networks = read(BASE)["networks"]
    shared = set(SERVICES["gateway"]["networks"]) & set(SERVICES["triton"]["networks"])
    assert shared == {"triton"}
    assert networks["triton"]["internal"]
    assert [name for name, service in SERVICES.items() if "triton" in service["networks"]] == ["gateway", "triton"]


def test_the_gateway_wants_tls_and_tokens() -> None:
    words = [*SERVICES["gateway"]["entrypoint"][2:], *SERVICES["gateway"]["command"]]
    given = dict(zip(words[::2], words[1::2], strict=True))
    settings = GatewaySettings(
        given["--listen"],
        given["--triton"],
        Path(given["--tls-cert"]),
        Path(given["--tls-key"]),
        tokens=Path(given["--tokens"]),
        local=given["--local"],
    )
    assert not is_loopback(settings.listen)
    secrets = {f"/run/secrets/{name}" for name in SERVICES["gateway"]["secrets"]}
    assert {str(settings.certificate), str(settings.key), str(settings.tokens)} < secrets
    assert SERVICES["gateway"]["environment"]["SEAMLINE_OPERATOR_KEY_FILE"] in secrets
    assert set(SERVICES["gateway"]["secrets"]) == set(read(BASE)["secrets"])


@pytest.mark.parametrize("name", ["gateway", "triton"])
def test_our_containers_have_no_rights_to_lose(name: str) -> None:
    assert SERVICES[name]["read_only"]
    assert SERVICES[name]["cap_drop"] == ["ALL"]
    assert SERVICES[name]["security_opt"] == ["no-new-privileges:true"]


def test_passwords_come_from_the_environment_and_none_is_written_down() -> None:
    values = {
        f"{name}.{key}": value
        for name, service in SERVICES.items()
        for key, value in service["environment"].items()
        if re.search(r"PASSWORD|TOKEN|SECRET|KEY_ID|ROOT_USER", key)
    }
    assert len(values) == 6
    assert all(_REQUIRED.search(value) for value in values.values()), values
    assert {name for value in values.values() for name in _REQUIRED.findall(value)} == set(SECRETS)


def compose(*files: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    if shutil.which("docker") is None:
        pytest.skip("no docker client here")
    known = {key: value for key, value in os.environ.items() if key not in SECRETS and not key.startswith("SEAMLINE_")}
    if subprocess.run(["docker", "compose", "version"], capture_output=True, env=known, check=False).returncode:
        pytest.skip("the docker client here has no `compose`")
    named = [word for file in files for word in ("-f", str(file))]
    command = ["docker", "compose", "--env-file", "/dev/null", "--profile", "*", *named, "config", "--format", "json"]
    return subprocess.run(command, capture_output=True, text=True, env=known | environment, check=False)


def test_docker_compose_reads_the_file_and_fills_in_the_secrets() -> None:
    told = compose(BASE, environment=SECRETS)
    assert told.returncode == 0, told.stderr
    assert told.stderr == ""
    services = json.loads(told.stdout)["services"]
    assert set(services) == {"gateway", "triton", "milvus", "etcd", "minio"}
    assert services["triton"]["environment"]["SEAMLINE_MILVUS_TOKEN"] == "root:other"
    assert services["triton"]["shm_size"] == str(2**30)
    assert Path(services["triton"]["build"]["context"]) == ROOT


@pytest.mark.parametrize("missing", sorted(SECRETS))
def test_docker_compose_refuses_without_a_secret(missing: str) -> None:
    told = compose(BASE, environment={key: value for key, value in SECRETS.items() if key != missing})
    assert told.returncode != 0
    assert f"set {missing}" in told.stderr


@pytest.mark.parametrize("variant", ["gpu_trt", "gpu_onnx"])
def test_the_override_adds_a_gpu_and_the_variant(variant: str) -> None:
    chosen = {} if variant == "gpu_trt" else {"SEAMLINE_VARIANT": variant}
    told = compose(BASE, GPU, environment=SECRETS | chosen)
    assert told.returncode == 0, told.stderr
    services = json.loads(told.stdout)["services"]
    for name in ("triton", "plans"):
        (device,) = services[name]["deploy"]["resources"]["reservations"]["devices"]
        assert (device["driver"], device["count"], device["capabilities"]) == ("nvidia", 1, ["gpu"])
    assert services["triton"]["environment"]["SEAMLINE_VARIANT"] == variant
    assert "read_only" not in services["plans"]["volumes"][0], "plans are written into the repository"
