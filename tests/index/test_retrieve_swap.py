"""The retrieve step when the collection that it remembers is replaced or gone."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import numpy as np
import pytest

from seamline.core.errors import NotFound
from seamline.core.spec import Spec
from seamline.index import Collection, Index
from seamline.serving.retrieve import Retrieve
from seamline.serving.step import Setting
from seamline.serving.weights import newest
from tests.support.repositories import MODEL_REPOSITORY
from tests.support.rows import OTHER, garment

SPEC = Spec.load(newest(MODEL_REPOSITORY, "retrieve") / "spec.json")
SHAPE = (len(SPEC.parts), SPEC.parts.dimension)


def vectors(seed: int) -> np.ndarray[Any, np.dtype[np.float32]]:
    found = np.random.default_rng(seed).normal(size=SHAPE).astype(np.float32)
    return found / np.linalg.norm(found, axis=-1, keepdims=True)


def fill(collection: Collection, seed: int) -> Collection:
    boxes = [[0.0, 0.0, 1.0, 1.0]] * SHAPE[0]
    collection.store([dataclasses.replace(garment(seed), vectors=vectors(seed), part_boxes=boxes)])
    return collection


def answered_by(step: Retrieve) -> str:
    tensors: dict[str, Any] = dict.fromkeys(Retrieve.inputs)
    tensors["HEAD_EMBEDDING"] = vectors(0)[None]
    tensors["COUNT"] = np.array([1], np.int32)
    tensors["CATEGORY"] = np.array([b"skirt"], np.object_)
    tensors["COLLECTION"] = np.array([b"remembered"], np.object_)
    outputs = step(tensors)
    assert outputs["HIT_ID"].shape == (1, 1)
    return str(json.loads(outputs["VERSIONS"][0])["index"]["collection"])


def test_a_remembered_collection_that_was_pruned_fails_no_search(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEAMLINE_MILVUS_URI", index.uri)
    step = Retrieve(Setting(SPEC, {"refresh_seconds": "3600"}))
    first = fill(index.create("remembered", SPEC.fingerprint, SHAPE), 1)
    first.wait_until_visible()
    assert answered_by(step) == first.physical

    newer = fill(index.build_beside("remembered", OTHER, SHAPE), 2)
    index.publish(newer)
    again = Retrieve(Setting(SPEC))
    assert answered_by(again) == first.physical  # that of the step's own weights, not the newest

    second = fill(index.build_beside("remembered", SPEC.fingerprint, SHAPE), 3)
    index.publish(second)
    assert index.prune("remembered") == [first.physical, newer.physical]
    assert answered_by(step) == second.physical

    index.drop("remembered")
    with pytest.raises(NotFound, match="does not exist"):
        answered_by(step)
