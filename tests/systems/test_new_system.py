"""A system of one folder and one line goes from training to an answer of the real server, beside the default one."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from onnx import numpy_helper

from export import install, to_onnx
from seamline.catalogue import open_source
from seamline.catalogue.options import DEFAULT_OPTIONS, RunContext
from seamline.catalogue.run import index_items
from seamline.client import Client
from seamline.core.errors import FingerprintMismatch, InvalidArgument, SeamlineError
from seamline.data.label_file import write_labels
from seamline.exporting.install import verify, versions
from seamline.index import Index
from seamline.local import LocalOptions, LocalServer, status
from seamline.local.canary import connect
from seamline.serving.weights import Weights
from seamline.systems import SYSTEMS
from seamline.systems import psnet as psnet_package
from seamline.systems.psnet.spec import PSNetSpec
from seamline.systems.psnet_lite.spec import default_spec
from seamline.training.config import read_config
from seamline.training.drawn import drawn_labels
from seamline.training.run import run
from tests.support.bundle_contract import assert_is_a_bundle
from tests.support.garments import drawn, jpeg
from tests.support.repositories import ENSEMBLES, MODEL_REPOSITORY
from tests.support.small_weights import contents

CONFIG = Path(__file__).parent / "tiny_system" / "config.toml"
PSNET = Path(psnet_package.__path__[0]) / "config.toml"
PSNET_IN_MINIATURE = [
    "loop.steps=2", "loop.evaluate_every=0", "loop.device=cpu", "loop.precision=fp32", "psnet.batch=4", "psnet.views=2",
    "psnet.backbone_weights=random", "psnet.network.backbone=test_resnet", "psnet.network.width=16",
    "psnet.network.dimension=8", "psnet.network.heatmap_side=56", "psnet.weights.epochs=2",
    "psnet.validation_garments=3", "psnet.validation_copies=2", "psnet.weight_garments=3",
]  # fmt: skip
GARMENTS = 6


@pytest.fixture(scope="module", autouse=True)
def _listed() -> Iterator[None]:
    """The one line: `"tiny": "tests.systems.tiny_system"` in seamline/systems/__init__.py."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(SYSTEMS, "tiny", "tests.systems.tiny_system")
        yield


@pytest.fixture(scope="module")
def drawn_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Drawn garments with their labels."""
    folder = tmp_path_factory.mktemp("drawn")
    labels = drawn_labels(folder, 10, seed=5)
    write_labels(folder / "labels.jsonl", labels[:7])
    write_labels(folder / "labels_validation.jsonl", labels[7:])
    return folder


@pytest.fixture(scope="module")
def trained(drawn_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of checkpoints."""
    folder = tmp_path_factory.mktemp("tiny")
    paths = {"photos": drawn_folder, "labels": drawn_folder, "out": folder}
    outcome = run(read_config(CONFIG, ["loop.steps=20", "loop.device=cpu", "tiny.garments=4"], paths))
    assert outcome.finished
    assert 0 <= outcome.figures["first"] <= 1
    return folder


@pytest.fixture(scope="module")
def exported(trained: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of weights: to_onnx compares with PyTorch and writes nothing where they differ."""
    folder = tmp_path_factory.mktemp("weights")
    assert to_onnx.main([str(trained), "--out", str(folder)]) == 0
    assert {path.name for path in folder.iterdir()} == {
        "tiny.onnx", "spec.json", "parity.json", "parity.md"
    }  # fmt: skip
    return folder


def fixed_boxes(landmarks: torch.Tensor, *_: object) -> tuple[torch.Tensor, torch.Tensor]:
    """Two steps do not teach where landmarks are: regions that vectors can be taken from, whatever was found."""
    boxes = torch.tensor(
        [[60, 20, 160, 60], [60, 60, 160, 120], [60, 120, 160, 200], [0, 40, 60, 140], [160, 40, 220, 140]]
    )
    return boxes.float().expand(len(landmarks), -1, -1), torch.ones(len(landmarks), 5)


@pytest.fixture(scope="module")
def psnet(drawn_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """PS-Net's networks after two steps; its regions do not depend on how sure its landmarks are."""
    folder, weights = tmp_path_factory.mktemp("psnet"), tmp_path_factory.mktemp("psnet-weights")
    paths = {"photos": drawn_folder, "labels": drawn_folder, "out": folder}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("seamline.systems.psnet.measure.region_boxes_of", fixed_boxes)
        assert run(read_config(PSNET, PSNET_IN_MINIATURE, paths)).finished
    spec = PSNetSpec.load(folder / "spec.json")
    unsure = dataclasses.replace(spec, regions=dataclasses.replace(spec.regions, min_confidence=0.0, min_cells=0.0))
    (folder / "spec.json").write_text(unsure.to_json())
    assert to_onnx.main([str(folder), "--out", str(weights)]) == 0
    return weights


@pytest.fixture
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the shipped repository, and of the ensembles beside it."""
    return copied_bundle(tmp_path_factory.mktemp("bundle"))


def test_the_page_about_adding_a_system_shows_this_one() -> None:
    page = (Path(__file__).parents[2] / "docs" / "adding-a-system.md").read_text()
    shown = page.partition("```python\n")[2].partition("```")[0]
    described = (CONFIG.parent / "system.py").read_text().replace("tests.systems.tiny_system", "seamline.systems.tiny")
    # In the folder of all systems, the description's imports stand in another order.
    assert sorted(shown.splitlines()) == sorted(described.splitlines())
    for file in CONFIG.parent.iterdir():
        assert file.name in (page + "__init__.py__pycache__")


def copied_bundle(folder: Path) -> Path:
    repository = folder / "model_repository"
    shutil.copytree(MODEL_REPOSITORY, repository, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ENSEMBLES, folder / "ensembles")
    for name in ("embed", "search"):
        (folder / "ensembles" / name / "1").mkdir(exist_ok=True)
    for config in repository.glob("*/config.pbtxt"):  # one process each: starting them is what takes long
        config.write_text(config.read_text().replace("count: 2", "count: 1"))
    return repository


def command(repository: Path, *arguments: str | Path) -> int:
    return install.main([*map(str, arguments), "--model-repository", str(repository)])


def test_it_is_installed_beside_the_shipped_system_and_leaves_nothing(exported: Path, bundle: Path) -> None:
    before = contents(bundle.parent)
    assert command(bundle, "--weights", exported) == 0
    assert verify(bundle) == []
    assert_is_a_bundle(bundle, bundle.parent / "ensembles")
    after = contents(bundle.parent)
    assert {name for name in before if before[name] != after[name]} == {"model_repository/manifest.json"}
    assert command(bundle, "--rollback", "--system", "tiny") == 0
    assert contents(bundle.parent) == before


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalServer]:
    with serving(copied_bundle(tmp_path_factory.mktemp("served")), tmp_path_factory.mktemp("home")) as running:
        yield running


def serving(repository: Path, home: Path) -> LocalServer:
    """A server of a repository and the ensembles beside it, on free ports."""
    return LocalServer(
        LocalOptions(
            home=home, model_repository=repository, ensembles=repository.parent / "ensembles",
            grpc_port=0, metrics_port=0, milvus_port=0,
        )
    )  # fmt: skip


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("photos")
    for seed in range(GARMENTS):
        (folder / f"{seed}.jpg").write_bytes(jpeg(drawn(seed).rgb))
    return folder


def with_noise(weights: Path, folder: Path) -> Path:
    """The same network with other numbers."""
    shutil.copytree(weights, folder)
    model = onnx.load(folder / "tiny.onnx")
    for tensor in model.graph.initializer:
        values = numpy_helper.to_array(tensor)
        if values.dtype == np.float32 and values.ndim > 1:
            tensor.CopyFrom(numpy_helper.from_array(values * np.float32(1.5), tensor.name))
    onnx.save(model, folder / "tiny.onnx")
    return folder


def recalibrated(repository: Path, folder: Path) -> Path:
    """Weights of the default system that give the same vectors."""
    spec = Weights.of_repository(repository).spec
    folder.mkdir()
    scoring = dataclasses.replace(spec.scoring, copy_offset=spec.scoring.copy_offset + 1)
    (folder / "spec.json").write_text(dataclasses.replace(spec, scoring=scoring).to_json())
    return folder


@pytest.mark.server
def test_it_is_served_beside_the_default_one_and_rolled_back(
    exported: Path, server: LocalServer, photos: Path, tmp_path: Path
) -> None:
    repository, address = server.options.model_repository, server.endpoints.grpc
    query = photos / "0.jpg"
    index = Index(server.endpoints.milvus)
    with Client(address) as default, Client(address, system="tiny") as tiny:
        before = default.embed(query).garments[0].vectors
        with pytest.raises(SeamlineError):
            tiny.embed(query)
        assert command(repository, "--weights", exported, "--reload", server.endpoints.triton) == 0
        for name, client in (("by_default", default), ("by_tiny", tiny)):
            progress = index_items(
                open_source(photos), client, index, name, DEFAULT_OPTIONS, RunContext(tmp_path / f"{name}.sqlite")
            )
            assert progress.garments >= GARMENTS - 1
        for name, client, parts in (("by_default", default, len(default_spec().parts)), ("by_tiny", tiny, 1)):
            found = client.search(query, collection=name)
            hit = found.garments[0].hits[0]
            assert hit.item == query.name
            assert hit.part_similarity.shape == (parts,)
            assert np.nanmin(hit.part_similarity) > 0.99
        answer = tiny.embed(query)
        assert (answer.versions.system, answer.versions.parts.names) == ("tiny", ("whole",))
        assert answer.garments[0].landmarks.shape == (0, 3)
        assert np.isnan(answer.garments[0].part_boxes).all()
        with pytest.raises(InvalidArgument, match="takes no GIVEN_LANDMARKS"):
            tiny.embed(query, landmarks=np.zeros((1, 22, 3)))
        _, here = Weights.of_repository(repository, "tiny").open_pipeline(threads=1).embed(query.read_bytes())
        assert np.abs(here.vectors[0] - answer.garments[0].vectors).max() < 1e-4
        for client, name in ((default, "by_tiny"), (tiny, "by_default")):
            with pytest.raises(InvalidArgument, match="name the system that it was indexed with"):
                client.search(query, collection=name)
        with pytest.raises(FingerprintMismatch, match="index the photos into another collection"):
            index_items(open_source(photos), tiny, index, "by_default")
        other = with_noise(exported, tmp_path / "other")
        first = answer.versions.fingerprint
        assert command(repository, "--weights", other, "--reload", server.endpoints.triton) == 0
        assert tiny.embed(query).versions.fingerprint != first
        assert command(repository, "--rollback", "--system", "tiny", "--reload", server.endpoints.triton) == 0
        assert tiny.embed(query).versions.fingerprint == first
        assert (
            command(
                repository,
                "--weights",
                recalibrated(repository, tmp_path / "default"),
                "--reload",
                server.endpoints.triton,
            )
            == 0
        )
        assert tiny.search(query, collection="by_tiny").garments[0].hits[0].item == query.name
        assert (versions(repository, "tiny").current, versions(repository).current) == (3, 2)
        np.testing.assert_array_equal(default.embed(query).garments[0].vectors, before)
        assert command(repository, "--remove", "--system", "tiny", "--reload", server.endpoints.triton) == 0
        assert default.search(query, collection="by_default").garments[0].hits[0].item == query.name
        with pytest.raises(SeamlineError):
            tiny.embed(query)
    with connect(server.endpoints.triton) as client:
        served = {model.name for model in client.get_model_repository_index().models if model.state == "READY"}
    assert not {name for name in served if "tiny" in name}
    assert not [*repository.glob("*tiny*"), *(repository.parent / "ensembles").glob("*tiny*")]
    assert status(server.options.home)["state"] == "ready"


@pytest.mark.server
def test_psnet_from_a_short_training_answers_beside_the_default_one(
    psnet: Path, server: LocalServer, photos: Path, tmp_path: Path
) -> None:
    repository, address = server.options.model_repository, server.endpoints.grpc
    query, index = photos / "1.jpg", Index(server.endpoints.milvus)
    assert command(repository, "--weights", psnet, "--reload", server.endpoints.triton) == 0
    assert_is_a_bundle(repository, repository.parent / "ensembles")
    with Client(address) as default, Client(address, system="psnet") as client:
        for name, one in (("beside_psnet", default), ("by_psnet", client)):
            index_items(open_source(photos), one, index, name, DEFAULT_OPTIONS, RunContext(tmp_path / f"{name}.sqlite"))
            assert one.search(query, collection=name).garments[0].hits[0].item == query.name
        found = client.embed(query)
        assert found.versions.system == "psnet"
        assert found.garments[0].vectors.shape == (5, 8)
        again = client.embed(query, landmarks=[garment.landmarks for garment in found.garments])
        assert np.abs(again.garments[0].vectors - found.garments[0].vectors).max() < 1e-3
        with pytest.raises(InvalidArgument, match="order of BOXES"):
            client.embed(query, landmarks=np.zeros((5, len(found.versions.landmarks), 3)))
        _, here = Weights.of_repository(repository, "psnet").open_pipeline(threads=1).embed(query.read_bytes())
        assert np.abs(here.vectors[0] - found.garments[0].vectors).max() < 1e-3
    assert command(repository, "--rollback", "--system", "psnet", "--reload", server.endpoints.triton) == 0


def served_versions(address: str, steps: tuple[str, ...]) -> set[int]:
    with connect(address) as client:
        models = client.get_model_repository_index().models
    return {int(model.version) for model in models if model.state == "READY" and model.name in steps}


@pytest.mark.server
def test_loading_one_system_brings_no_version_of_another(exported: Path, server: LocalServer, tmp_path: Path) -> None:
    repository, address = server.options.model_repository, server.endpoints.triton
    steps = ("decode", "detector", "crop", "encoder", "region_pool", "region_head", "trim", "retrieve")
    before = served_versions(address, steps)
    assert command(repository, "--weights", recalibrated(repository, tmp_path / "default")) == 0
    assert command(repository, "--weights", exported, "--reload", server.endpoints.triton) == 0
    assert served_versions(address, steps) == before
    assert command(repository, "--reload", server.endpoints.triton) == 0
    assert served_versions(address, steps) == {versions(repository).current}
    assert command(repository, "--remove", "--system", "tiny", "--reload", server.endpoints.triton) == 0


@pytest.mark.server
@pytest.mark.slow
def test_a_broken_system_keeps_neither_the_default_one_nor_another_from_starting(
    exported: Path, psnet: Path, photos: Path, tmp_path: Path
) -> None:
    repository = copied_bundle(tmp_path)
    for weights in (exported, psnet):
        assert command(repository, "--weights", weights) == 0
    (repository / "psnet_region_head" / "1" / "model.onnx").write_bytes(b"cut off")
    with serving(repository, tmp_path / "home") as server, Client(server.endpoints.grpc, system="tiny") as tiny:
        for client in (Client(server.endpoints.grpc), tiny):
            assert client.embed(photos / "0.jpg").garments
        assert tiny.systems() == ("psnet_lite", "tiny")
        told = (server.options.home / "logs" / "supervisor.log").read_text()
    assert "embed_psnet is not served" in told
