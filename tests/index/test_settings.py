"""Index settings: read from files, refused where they are wrong or where a Milvus cannot do them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from seamline.core.errors import BadOption, Unsupported
from seamline.index import Index, IndexSettings
from seamline.index.precision import decoded, encoded
from seamline.index.server import Server
from tests.support.rows import DIMENSION, FINGERPRINT, VECTORS

SHIPPED = sorted((Path(__file__).parents[2] / "configs" / "index").glob("*.toml"))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_the_files_that_are_shipped_can_be_read(path: Path) -> None:
    assert IndexSettings.read(path).build is not None


def test_the_defaults_are_those_of_their_file() -> None:
    memory = next(path for path in SHIPPED if path.stem == "memory")
    assert IndexSettings.read(memory).build == IndexSettings().build
    assert IndexSettings.from_environment({}) == IndexSettings()
    assert IndexSettings.from_environment({"SEAMLINE_INDEX_SETTINGS": str(memory)}).index == "HNSW"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('index = "NONSENSE"', "index is one of FLAT"),
        ("index = 3", "index is one of"),
        ('precision = "FP8"', "precision is one of FP32, FP16, BF16"),
        ('consistency = "eventual"', "consistency is one of"),
        ("shards = 0", "shards is a number from 1 to 64"),
        ("replicas = true", "replicas is a number"),
        ('partition_by_category = "yes"', "true or false"),
        ("parameters = 3", "parameters is a table"),
        ("indexx = 3", "'indexx' is no index setting; they are consistency, index"),
        ("index = ", "not TOML"),
        ("index = '\udce4'", "not TOML"),
    ],
)
def test_what_is_wrong_in_a_file_is_said(tmp_path: Path, text: str, sentence: str) -> None:
    path = tmp_path / "index.toml"
    path.write_text(text, encoding="utf-8", errors="surrogateescape")
    with pytest.raises(BadOption, match=sentence):
        IndexSettings.read(path)
    with pytest.raises(BadOption, match="cannot be read"):
        IndexSettings.read(tmp_path / "missing.toml")


@pytest.mark.parametrize(
    ("version", "wanted", "sentence"),
    [
        ("milvus_lite-3.2.2", IndexSettings(index="DISKANN"), "Milvus Lite has no index DISKANN"),
        ("milvus_lite-3.2.2", IndexSettings(precision="FP16"), "Milvus Lite has no precision FP16"),
        ("milvus_lite-3.2.2", IndexSettings(replicas=2), "one shard and one replica"),
        ("v2.3.5-lite", IndexSettings(index="HNSW_SQ"), "Milvus 2.3 has no index HNSW_SQ"),
        ("v2.3.5-lite", IndexSettings(precision="BF16"), "Milvus 2.3 has no precision BF16"),
        ("v2.3.5-lite", IndexSettings(partition_by_category=True), "Milvus 2.3 puts replaced rows into wrong"),
        ("v2.4.1", IndexSettings(index="HNSW_SQ"), "Milvus 2.4 has no index"),
    ],
)
def test_what_a_milvus_cannot_do_is_refused(version: str, wanted: IndexSettings, sentence: str) -> None:
    with pytest.raises(Unsupported, match=sentence):
        Server.of(version).check(wanted)


def test_what_a_milvus_can_do_is_let_through() -> None:
    for index in ("FLAT", "HNSW", "HNSW_SQ", "IVF_SQ8"):
        Server.of("milvus_lite-3.2.2").check(IndexSettings(index=index))
    Server.of("v2.3.5-lite").check(IndexSettings(index="DISKANN", replicas=2))
    Server.of("v2.6.0").check(IndexSettings(index="GPU_CAGRA", precision="FP16"))


def test_nothing_is_left_of_a_collection_that_cannot_be_made(lite: str) -> None:
    index = Index(lite, settings=IndexSettings(index="DISKANN"))
    with pytest.raises(Unsupported, match="choose other index settings"):
        index.create("impossible", FINGERPRINT, (5, DIMENSION))
    assert "impossible" not in index.names()
    index.close()


@pytest.mark.parametrize(("precision", "off"), [("FP32", 0.0), ("FP16", 2.0**-11), ("BF16", 2.0**-8)])
def test_vectors_keep_what_their_precision_holds(precision: str, off: float) -> None:
    vectors = VECTORS.reshape(len(VECTORS), -1)
    found = decoded([encoded(vector, precision) for vector in vectors], precision, vectors.shape[1])
    assert found.dtype == np.float32
    assert np.abs(found - vectors).max() <= off * np.abs(vectors).max()
    again = decoded([encoded(vector, precision) for vector in found], precision, vectors.shape[1])
    np.testing.assert_array_equal(again, found)
