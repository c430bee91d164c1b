"""Garments of one part and of as many as a row can note: stored, searched by every ranking, exported and loaded."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from seamline.core.parts import MOST_PARTS, WHOLE, Parts
from seamline.core.spec import ScoringSpec, Spec
from seamline.index import Garment, Index
from seamline.index.transfer import export_collection, import_files
from seamline.ranking import RANKINGS
from seamline.serving.retrieve import Retrieve
from seamline.serving.step import Setting
from tests.support.rows import FINGERPRINT, garment

DIMENSION, ROWS = 8, 80
MANY = Parts(tuple(f"part {n}" for n in range(MOST_PARTS)), (1, 0, *range(2, MOST_PARTS)), DIMENSION)
SOME = Parts(MANY.names[:12], MANY.mirror[:12], DIMENSION)
ONE = dataclasses.replace(WHOLE, dimension=DIMENSION)


def garments(parts: Parts) -> list[Garment]:
    vectors = np.random.default_rng(0).normal(size=(ROWS, len(parts), DIMENSION)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=-1, keepdims=True)
    if len(parts) > 1:
        vectors[::10, -1] = 0  # every tenth lacks its last part
    boxes = [[0.0, 0.0, 1.0, 1.0]] * len(parts)
    return [dataclasses.replace(garment(n), vectors=vectors[n], part_boxes=boxes) for n in range(ROWS)]


@pytest.mark.parametrize("parts", [ONE, SOME, MANY], ids=lambda parts: str(len(parts)))
def test_a_garment_of_any_number_of_parts_is_found_again(
    lite: str, parts: Parts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEAMLINE_MILVUS_URI", lite)
    count, made, index = len(parts), garments(parts), Index(lite)
    collection = index.create("any", FINGERPRINT, (count, DIMENSION))
    collection.store(made)
    collection.flush()
    collection.wait_until_visible()
    assert index.open("any").shape == (count, DIMENSION)
    assert collection.incomplete() == (ROWS // 10 if count > 1 else 0)

    spec = Spec("any", parts, ScoringSpec.of_parts(count), fingerprint=FINGERPRINT)
    step = Retrieve(Setting(spec))
    straight, flipped = made[21], made[22].vectors[list(parts.mirror)]
    for name in RANKINGS:
        tensors = dict.fromkeys(Retrieve.inputs) | {
            "HEAD_EMBEDDING": np.stack([straight.vectors, flipped]),
            "COUNT": np.array([2], np.int32),
            "CATEGORY": np.array([b"skirt", b"skirt"], np.object_),
            "COLLECTION": np.array([b"any"], np.object_),
            "RANKING": np.array([name.encode()], np.object_),
        }
        answer = step(tensors)
        assert [row[0].decode() for row in answer["HIT_ID"]] == [f"{made[n].item}#0" for n in (21, 22)]
        np.testing.assert_allclose(answer["HIT_PART_SIMILARITY"][:, 0], 1, atol=1e-5)
        assert answer["HIT_MIRRORED"][:, 0].tolist() == [False, count > 1]

    assert export_collection(collection, tmp_path / "any.parquet") == ROWS
    loaded = import_files(index, "any_loaded", [tmp_path / "any.parquet"])
    assert (loaded.shape, loaded.incomplete(), loaded.rows()) == (collection.shape, collection.incomplete(), ROWS)
    for name in ("any", "any_loaded"):
        index.drop(name)
    index.close()
