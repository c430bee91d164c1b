"""Indexing into the real Milvus Lite, with an embedder that answers from the photo's bytes."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pytest

from seamline.catalogue import Progress, index_items, read_items
from seamline.client import Embedded, Garment, Outcome, Versions
from seamline.errors import BadOption, BadPhoto, FingerprintMismatch, NotFound, Unavailable
from seamline.index import Collection, Index
from tests.support.milvus_lite import milvus_lite

DIMENSION = 8
FINGERPRINT = "0123456789abcdef"


def versions(fingerprint: str = FINGERPRINT) -> Versions:
    return Versions(
        seamline="0", fingerprint=fingerprint, detector="0", regions=(), landmarks=(), kept_above=(),
        background_mean=(), background_std=(), raw={"dimension": DIMENSION},
    )  # fmt: skip


class BytesEmbedder:
    """A garment per byte `g` in the file; `broken` in it cannot be read; stops after `patience` photos."""

    def __init__(self, patience: int = 10**9, fingerprint: str = FINGERPRINT) -> None:
        self.asked: list[str] = []
        self._patience = patience
        self._versions = versions(fingerprint)

    def versions(self) -> Versions:
        return self._versions

    def embed_many(self, paths: Iterable[Path], *, in_flight: int = 4) -> Iterator[Outcome]:
        for path in paths:
            if len(self.asked) >= self._patience:
                raise Unavailable("the server is gone")
            self.asked.append(path.name)
            data = path.read_bytes()
            if b"broken" in data:
                yield Outcome(path, None, BadPhoto("the bytes are not a photo"))
            else:
                yield Outcome(path, self._embedded(data), None)

    def _embedded(self, data: bytes) -> Embedded:
        digest = hashlib.sha256(data).hexdigest()
        vectors = np.random.default_rng(int(digest[:8], 16)).normal(size=(5, DIMENSION)).astype(np.float32)
        boxes = np.zeros((5, 4), np.float32)
        garments = tuple(
            Garment(
                number, (0, 0, 9, 9), 0.9, "vest", np.zeros((22, 3), np.float32), boxes, np.ones(5, np.float32), vectors
            )
            for number in range(data.count(b"g"))
        )
        return Embedded(garments, (9, 9), digest, self._versions)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    with milvus_lite(tmp_path_factory.mktemp("milvus")) as uri:
        index = Index(uri)
        yield index
        index.close()


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    (folder / "deep" / "er").mkdir(parents=True)
    (folder / "a.jpg").write_bytes(b"a g")
    (folder / "deep" / "b.PNG").write_bytes(b"b g g")
    (folder / "deep" / "er" / "it's 100%.webp").write_bytes(b"c g")
    (folder / "empty.jpg").write_bytes(b"nobody here")
    (folder / "notes.txt").write_bytes(b"g")
    return folder


def run(index: Index, photos: Path, name: str, embedder: BytesEmbedder | None = None) -> Progress:
    return index_items(read_items(photos), embedder or BytesEmbedder(), index, name)


def test_a_folder_is_read_recursively(photos: Path) -> None:
    assert [item.item for item in read_items(photos)] == ["a.jpg", "deep/b.PNG", "deep/er/it's 100%.webp", "empty.jpg"]


def test_every_garment_of_every_photo_is_stored(index: Index, photos: Path) -> None:
    progress = run(index, photos, "all")
    assert (progress.done, progress.total, progress.garments, progress.without_garment) == (4, 4, 4, 1)
    assert index.open("all").rows() == 4


def test_repeating_adds_nothing_and_embeds_nothing_that_is_stored(index: Index, photos: Path) -> None:
    run(index, photos, "twice")
    again = BytesEmbedder()
    progress = run(index, photos, "twice", again)
    assert again.asked == ["empty.jpg"]
    assert progress.skipped == 3
    assert index.open("twice").rows() == 4


def test_an_interrupted_run_keeps_what_it_had_and_goes_on(index: Index, photos: Path) -> None:
    with pytest.raises(Unavailable):
        run(index, photos, "interrupted", BytesEmbedder(patience=2))
    assert index.open("interrupted").rows() == 3
    rest = BytesEmbedder()
    run(index, photos, "interrupted", rest)
    assert rest.asked == ["it's 100%.webp", "empty.jpg"]
    assert index.open("interrupted").rows() == 4


def test_a_changed_photo_replaces_its_garments(index: Index, photos: Path) -> None:
    run(index, photos, "changed")
    (photos / "deep" / "b.PNG").write_bytes(b"other g")
    run(index, photos, "changed")
    assert index.open("changed").rows() == 3


def test_rows_of_an_older_content_go_in_the_next_run_when_this_one_could_not_delete_them(
    index: Index, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(index, photos, "stale")
    (photos / "a.jpg").write_bytes(b"new g")
    with monkeypatch.context() as patch:
        patch.setattr(Collection, "delete", lambda self, keys: (_ for _ in ()).throw(Unavailable("the index is gone")))
        with pytest.raises(Unavailable):
            run(index, photos, "stale")
    assert index.open("stale").rows() == 5
    run(index, photos, "stale")
    assert index.open("stale").rows() == 4


def test_items_that_cannot_be_stored_are_listed_and_cost_no_others(index: Index, photos: Path) -> None:
    broken_name = os.fsencode(photos) + b"/caf\xe9.jpg"
    with open(broken_name, "wb") as file:
        file.write(b"g")
    assert [failure.reason for failure in run(index, photos, "names").failures] == ["its name is not valid UTF-8"]
    manifest = photos / "long.csv"
    manifest.write_text(f"item,photo\n{'x' * 2000},deep/b.PNG\nA,a.jpg\n", encoding="utf-8")
    progress = index_items(read_items(manifest), BytesEmbedder(), index, "long")
    assert [failure.reason for failure in progress.failures] == ["its item id is longer than 1,024 bytes"]
    assert index.open("long").rows() == 1


def test_unreadable_photos_are_listed_and_cost_no_others(index: Index, photos: Path) -> None:
    (photos / "bad.jpg").write_bytes(b"broken g")
    progress = run(index, photos, "unreadable")
    assert [(failure.photo.name, failure.reason) for failure in progress.failures] == [
        ("bad.jpg", "the bytes are not a photo")
    ]
    assert index.open("unreadable").rows() == 4


def test_progress_is_told_after_every_photo(index: Index, photos: Path) -> None:
    seen: list[int] = []
    index_items(
        read_items(photos), BytesEmbedder(), index, "progress", report=lambda progress: seen.append(progress.done)
    )
    assert seen == [1, 2, 3, 4, 4]


def test_other_weights_are_refused_before_anything_is_embedded(index: Index, photos: Path) -> None:
    run(index, photos, "weights")
    other = BytesEmbedder(fingerprint="ffffffffffffffff")
    with pytest.raises(FingerprintMismatch, match="index the photos again"):
        run(index, photos, "weights", other)
    assert other.asked == []


def test_a_manifest_gives_items_of_several_photos(index: Index, photos: Path) -> None:
    manifest = photos / "items.csv"
    manifest.write_text(
        'item,photo,seller\nA,a.jpg,x\nA,deep/b.PNG,x\n"B ""quoted"" \'%\'",a.jpg,y\n', encoding="utf-8"
    )
    progress = index_items(read_items(manifest), BytesEmbedder(), index, "manifest")
    assert progress.total == 2
    assert index.open("manifest").rows() == 4


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (b"item;photo\nA;a.jpg\n", "column item, photo is missing"),
        (b"item\nA\n", "column photo is missing"),
        (b"item,photo\nA,a.jpg\n,b.jpg\n", "line 3"),
        (b"item,photo\nA\n", "line 2"),
        (b"item,photo\n\xff\xfe,a.jpg\n", "UTF-8"),
    ],
)
def test_malformed_manifests_name_the_fault(tmp_path: Path, text: bytes, sentence: str) -> None:
    manifest = tmp_path / "items.csv"
    manifest.write_bytes(text)
    with pytest.raises(BadOption, match=sentence):
        read_items(manifest)


def test_a_missing_photo_of_a_manifest_is_a_failure_of_that_photo(index: Index, tmp_path: Path) -> None:
    manifest = tmp_path / "items.csv"
    manifest.write_text("item,photo\nA,gone.jpg\n", encoding="utf-8")
    progress = index_items(read_items(manifest), BytesEmbedder(), index, "gone")
    assert [failure.photo.name for failure in progress.failures] == ["gone.jpg"]


def test_what_is_neither_folder_nor_manifest_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        read_items(tmp_path / "nothing")
    (tmp_path / "a.txt").write_text("x")
    with pytest.raises(BadOption, match=r"\.csv"):
        read_items(tmp_path / "a.txt")
