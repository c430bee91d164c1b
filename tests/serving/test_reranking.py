"""A re-ranker and a ranking that are plugged in: the step `retrieve` uses them, and knows neither."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from seamline.core.errors import BadOption, InternalError
from seamline.core.parts import Parts
from seamline.core.spec import ScoringSpec, Spec
from seamline.index import Index
from seamline.ranking import RANKINGS
from seamline.ranking.best_of import BestOf
from seamline.ranking.rerank import Candidate, PairScores
from seamline.serving.retrieve import Retrieve
from seamline.serving.step import Setting
from seamline.serving.triton import triton_model
from seamline.systems import SYSTEMS, system_named
from tests.support import triton_python_backend_utils as pb_utils
from tests.support.array_collection import ArrayCollection
from tests.support.milvus_lite import milvus_lite
from tests.support.rows import DIMENSION, VECTORS, garment

PARTS = Parts(tuple("abcde"), (0, 1, 2, 4, 3), DIMENSION)
SPEC = Spec("tiny", PARTS, ScoringSpec.of_parts(5), fingerprint="0123456789abcdef")
CATEGORY = np.array([b"skirt"], np.object_)
QUERY = VECTORS[0]


@dataclasses.dataclass
class LastPart:
    """Scores pairs by their last part alone; `top_n` is what its file says."""

    top_n: int
    name: str = "last part"
    pairs: list[tuple[Candidate, Sequence[Candidate]]] = dataclasses.field(default_factory=list)

    def score(self, query: Candidate, candidates: Sequence[Candidate]) -> PairScores:
        self.pairs.append((query, candidates))
        score = np.array([candidate.vectors[-1] @ query.vectors[-1] for candidate in candidates], np.float32)
        return PairScores(score, (score + 1) / 2)


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[LastPart]:
    """The re-rankers that a system `tiny` has opened."""
    made: list[LastPart] = []

    def rerank(folder: Path) -> LastPart:
        made.append(LastPart(int((folder / "top_n.txt").read_text())))
        return made[-1]

    system = dataclasses.replace(system_named("psnet_lite"), name="tiny", rerank=rerank)
    monkeypatch.setitem(SYSTEMS, "tiny", "tests.tiny")
    monkeypatch.setitem(sys.modules, "tests.tiny.system", SimpleNamespace(SYSTEM=system))  # type: ignore[arg-type]
    return made


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of a version of the step."""
    version = tmp_path / "retrieve" / "1"
    version.mkdir(parents=True)
    (version / "spec.json").write_text(SPEC.to_json())
    (version / "top_n.txt").write_text("4")
    return version


@pytest.fixture
def collection(monkeypatch: pytest.MonkeyPatch) -> ArrayCollection:
    rows = [garment(number) for number in range(60)]
    arrays = ArrayCollection(VECTORS[:60], [row.record for row in rows], SPEC.fingerprint)
    monkeypatch.setattr(Index, "from_environment", lambda: SimpleNamespace(open=lambda name, fingerprint: arrays))
    return arrays


def asked(**options: Any) -> dict[str, Any]:
    given: dict[str, Any] = dict.fromkeys(Retrieve.inputs)
    given |= {"HEAD_EMBEDDING": QUERY[None], "COUNT": np.array([1], np.int32), "CATEGORY": CATEGORY}
    return given | options


def ranking(name: str) -> dict[str, Any]:
    return {"RANKING": np.array([name.encode()], np.object_)}


def ids(answer: dict[str, Any]) -> list[str]:
    return [name.decode() for name in answer["HIT_ID"][0]]


def test_the_first_hits_are_ordered_and_scored_by_the_re_ranker_and_the_others_follow(
    collection: ArrayCollection, opened: list[LastPart], folder: Path
) -> None:
    plain = Retrieve(Setting(SPEC, {"rerank": "off"}, folder))(asked())
    answer = Retrieve(Setting(SPEC, {}, folder))(asked())
    assert len(opened) == 1
    before, after = ids(plain), ids(answer)
    assert sorted(after[:4]) == sorted(before[:4])
    assert after[:4] != before[:4]
    assert after[4:] == before[4:]
    by_id = {garment(number).item + "#0": VECTORS[number] for number in range(60)}
    last = [float(by_id[name][-1] @ QUERY[-1]) for name in after[:4]]
    assert last == sorted(last, reverse=True)
    np.testing.assert_allclose(answer["HIT_SCORE"][0, :4], last, rtol=1e-5)
    np.testing.assert_allclose(answer["HIT_COPY_PROBABILITY"][0, :4], (np.array(last) + 1) / 2, rtol=1e-5)
    for name in ("HIT_SCORE", "HIT_COPY_PROBABILITY", "HIT_PART_SIMILARITY"):
        np.testing.assert_array_equal(answer[name][0, 4:], plain[name][0, 4:])
    moved = [before.index(name) for name in after]
    np.testing.assert_array_equal(answer["HIT_PART_SIMILARITY"][0], plain["HIT_PART_SIMILARITY"][0, moved])
    assert json.loads(answer["VERSIONS"][0])["reranker"] == "last part"
    assert json.loads(plain["VERSIONS"][0])["reranker"] is None


def test_it_sees_whole_garments_and_more_of_them_than_are_answered(
    collection: ArrayCollection, opened: list[LastPart], folder: Path
) -> None:
    step = Retrieve(Setting(SPEC, {}, folder))
    answer = step(asked(TOP_K=np.array([1], np.int32)))
    ((query, candidates),) = opened[0].pairs
    assert (query.category, query.record) == ("skirt", "")
    assert len(candidates) == 4
    assert {json.loads(one.record)["category"] for one in candidates} == {one.category for one in candidates}
    best = max(candidates, key=lambda one: float(one.vectors[-1] @ QUERY[-1]))
    assert ids(answer) == [json.loads(best.record)["item"] + "#0"]


def test_without_one_nothing_is_opened_and_an_unknown_choice_is_refused(
    collection: ArrayCollection, opened: list[LastPart], folder: Path
) -> None:
    Retrieve(Setting(SPEC, {"rerank": "off"}, folder))
    Retrieve(Setting(dataclasses.replace(SPEC, system="psnet_lite"), {}, folder))
    assert opened == []
    with pytest.raises(InternalError, match="must be on or off"):
        Retrieve(Setting(SPEC, {"rerank": "yes"}, folder))


def test_through_tritons_adapter_and_milvus(
    opened: list[LastPart], folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "triton_python_backend_utils", pb_utils)
    with milvus_lite(tmp_path) as uri:
        monkeypatch.setenv("SEAMLINE_MILVUS_URI", uri)
        index = Index(uri)
        stored = index.create("catalogue", SPEC.fingerprint, (5, DIMENSION))
        stored.store(garment(number) for number in range(60))
        stored.flush()
        stored.wait_until_visible()
        model = triton_model(Retrieve)()
        model.initialize(
            {"model_config": '{"name": "retrieve"}', "model_repository": str(folder.parent), "model_version": "1"}
        )
        tensors = [pb_utils.Tensor(name, value) for name, value in asked().items() if value is not None]
        (response,) = model.execute([pb_utils.InferenceRequest(tensors)])
        index.close()
    assert response.error() is None
    answer = {tensor.name(): tensor.as_numpy() for tensor in response.output_tensors()}
    first = answer["HIT_SCORE"][0, :4]
    assert (np.diff(first) <= 0).all()
    assert len(opened[0].pairs[0][1]) == 4
    assert json.loads(answer["VERSIONS"][0])["reranker"] == "last part"


def test_a_ranking_that_is_listed_is_offered_by_systems_that_name_it(
    collection: ArrayCollection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(RANKINGS, "best", BestOf())  # type: ignore[attr-defined]
    spec = dataclasses.replace(SPEC, rankings=("partial", "best"))
    answer = Retrieve(Setting(spec))(asked(**ranking("best")))
    assert ids(answer)[0] == garment(0).item + "#0"
    versions = json.loads(answer["VERSIONS"][0])
    assert (versions["ranking"], versions["rankings"]) == ("best", ["partial", "best"])
    with pytest.raises(BadOption, match="one of partial, weighted, global"):
        Retrieve(Setting(SPEC))(asked(**ranking("best")))
