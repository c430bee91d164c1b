"""What Spark wrote, in Milvus: the same rows as `seamline index` makes of the same manifest."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from seamline.catalogue import RunContext, index_items, open_source
from seamline.client import Client
from seamline.index import Collection, Garment, Index
from seamline.index.transfer import import_files
from seamline.spark.service import Service
from tests.support.garments import drawn, jpeg, nothing, two_garments

if TYPE_CHECKING:
    from pyspark import SparkContext

    from seamline.local import LocalServer


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    """Photos of one, two and no garments, in items of several photos."""
    photos = [jpeg(drawn(seed, 240).rgb) for seed in range(6)] + [two_garments(), nothing()]
    for number, photo in enumerate(photos):
        (tmp_path / f"{number}.jpg").write_bytes(photo)
    rows = [{"item": f"item {n // 3}", "photo": f"{n}.jpg", "seller": f"shop {n}"} for n in range(len(photos))]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "items.parquet")
    return tmp_path / "items.parquet"


@pytest.mark.server
def test_an_import_gives_the_same_rows_as_indexing(
    context: SparkContext, server: LocalServer, manifest: Path, tmp_path: Path
) -> None:
    from seamline.spark.job import Job, embed_manifest

    out, address = tmp_path / "out", server.endpoints.grpc
    summary = embed_manifest(context, Job(manifest, str(out), Service(address), 2))
    index = Index(server.endpoints.milvus)
    imported = import_files(index, "spark_imported", [out / "garments"])
    run_context = RunContext(journal=tmp_path / "journal.sqlite")
    with Client(address) as client:
        index_items(open_source(manifest), client, index, "spark_indexed", context=run_context)

    found, expected = rows_of(imported), rows_of(index.open("spark_indexed"))
    index.close()
    assert len(found) == summary.garments >= 8
    assert {key: row.record for key, row in found.items()} == {key: row.record for key, row in expected.items()}
    for key, row in found.items():
        np.testing.assert_allclose(row.vectors, expected[key].vectors, atol=1e-5)


def rows_of(collection: Collection) -> dict[str, Garment]:
    """All rows by key."""
    return {garment.key: garment for page in collection.garments(100) for garment in page}
