"""Items deleted from the browser: what goes, what stays, and what the receipt says of both."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from seamline.catalogue import index_items, open_source
from seamline.client import Client
from seamline.core.errors import Unavailable
from seamline.desk.catalogue.holders import held, is_used
from seamline.desk.store import Store
from seamline.desk.store.models import (
    Case,
    CasePair,
    DeletionReceipt,
    SearchRecord,
    StoredPhoto,
    Suspect,
    Watch,
)
from seamline.index import Collection, Index
from seamline.index.copying import copy_collection
from tests.support.desk import DeskClient

if TYPE_CHECKING:
    from seamline.local import LocalServer

NAME, DIGEST, OTHER = "doomed", "a" * 64, "b" * 64


@pytest.fixture
def doomed(
    catalogue: LocalServer, drawn: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """A collection of its own, on the machine of the local server."""
    monkeypatch.setenv("SEAMLINE_HOME", str(catalogue.options.home))
    manifest = tmp_path / "items.csv"
    photos = sorted(drawn[0].parent.glob("garment-*.jpg"))[:6]
    manifest.write_text("item,photo\n" + "".join(f"I-{n},{photo}\n" for n, photo in enumerate(photos)), "utf-8")
    with Client(catalogue.endpoints.grpc) as client, closing(Index(catalogue.endpoints.milvus)) as index:
        index_items(open_source(manifest), client, index, NAME)
        yield NAME
        index.drop(NAME)


def receipt_of(client: DeskClient, receipt_id: str) -> dict[str, Any]:
    content: dict[str, Any] = client.get(f"/catalogue/receipts/{receipt_id}/receipt.json").json()
    return content


@pytest.mark.server
def test_a_deleted_item_is_gone_and_its_receipt_says_what_still_holds_it(
    served_desk: DeskClient, doomed: str, catalogue: LocalServer
) -> None:
    wrong = served_desk.post(f"/api/catalogue/{doomed}/delete", json={"item": "I-1", "typed": "I-2"})
    assert (wrong.status_code, "nothing was deleted" in wrong.json()["error"]) == (400, True)
    will_go = served_desk.get(f"/api/catalogue/{doomed}/item", params={"item": "I-1"}).json()
    deleted = served_desk.change(f"/api/catalogue/{doomed}/delete", {"item": "I-1", "typed": "I-1"})
    receipt = receipt_of(served_desk, deleted["receipt"])
    (version,) = receipt["versions"]
    assert len(version["keys"]["I-1"]) == version["before"] - version["after"] == will_go["garments"]
    assert (version["left"], version["journal"], receipt["who"]) == ([], 1, "local")
    assert [photo["file"] for photo in receipt["photos"]] == ["left"]
    assert receipt["finality"]["held"], "the files of Milvus Lite keep deleted rows"
    assert receipt["finality"]["milvus"][0]["rows"] == will_go["garments"]
    page = served_desk.load(f"/catalogue/receipts/{deleted['receipt']}")
    assert "Deleted, and not final yet" in page
    assert "seamline does not delete your photos" in page
    assert "Compact now" not in page
    refused = served_desk.post(f"/api/receipts/{deleted['receipt']}/compact")
    assert (refused.status_code, "compacts only by itself" in refused.json()["error"]) == (501, True)
    with closing(Index(catalogue.endpoints.milvus)) as index:
        copy_collection(index, index.open(doomed))
        index.prune(doomed)
    served_desk.change(f"/api/receipts/{deleted['receipt']}/check")
    assert not receipt_of(served_desk, deleted["receipt"])["finality"]["held"]
    assert "Final, as far as can be seen" in served_desk.load(f"/catalogue/receipts/{deleted['receipt']}")
    assert "I-1" in served_desk.load(f"/catalogue/{doomed}/receipts")
    again = served_desk.post(f"/api/catalogue/{doomed}/delete", json={"item": "I-1", "typed": "I-1"})
    assert again.status_code == 404


@pytest.mark.server
def test_an_item_that_was_indexed_again_is_told(
    served_desk: DeskClient, doomed: str, catalogue: LocalServer, tmp_path: Path
) -> None:
    deleted = served_desk.change(f"/api/catalogue/{doomed}/delete", {"item": "I-2", "typed": "I-2"})
    with Client(catalogue.endpoints.grpc) as client, closing(Index(catalogue.endpoints.milvus)) as index:
        index_items(open_source(tmp_path / "items.csv"), client, index, doomed)
    served_desk.change(f"/api/receipts/{deleted['receipt']}/check")
    assert receipt_of(served_desk, deleted["receipt"])["finality"]["again"] == ["I-2"]
    assert "in the collection again" in served_desk.load(f"/catalogue/receipts/{deleted['receipt']}")


@pytest.mark.server
def test_a_deletion_that_breaks_off_leaves_a_receipt_that_says_so(
    served_desk: DeskClient, doomed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(collection: Collection, keys: object) -> None:
        raise Unavailable("the index does not answer; try again in a moment")

    with monkeypatch.context() as patched:
        patched.setattr(Collection, "delete", away)
        failed = served_desk.post(f"/api/catalogue/{doomed}/delete", json={"item": "I-3", "typed": "I-3"})
    assert failed.status_code == 503
    with served_desk.desk.store.reading() as session:
        (row,) = session.scalars(select(DeletionReceipt)).all()
    page = served_desk.load(f"/catalogue/receipts/{row.id}")
    assert "This deletion was not finished" in page
    served_desk.change(f"/api/receipts/{row.id}/check")
    assert receipt_of(served_desk, row.id)["finality"]["again"] == ["I-3"]
    assert "not finished" in served_desk.load(f"/catalogue/{doomed}/receipts")


@pytest.mark.server
def test_a_photo_that_was_sent_is_deleted_with_its_item_unless_something_needs_it(
    served_desk: DeskClient, doomed: str, photo_of: Callable[[str], Path]
) -> None:
    job = served_desk.change("/api/jobs", {"collection": doomed})
    photos = [photo_of(item).read_bytes() for item in ("A-0003", "A-0004", "A-0003")]
    for number, photo in enumerate(photos):
        about = {"job": job["id"], "name": f"{number}.jpg", "item": f"S-{number}"}
        served_desk.post("/api/uploads", params=about, content=photo)
    served_desk.change(f"/api/jobs/{job['id']}/start")
    while served_desk.get("/api/jobs").json()["jobs"][0]["state"] != "done":
        time.sleep(0.1)
    fates = []
    for item in ("S-0", "S-1", "S-2"):
        deleted = served_desk.change(f"/api/catalogue/{doomed}/delete", {"item": item, "typed": item})
        (photo_told,) = receipt_of(served_desk, deleted["receipt"])["photos"]
        fates.append((photo_told["name"], photo_told["file"]))
    assert fates == [("0.jpg", "kept"), ("1.jpg", "deleted"), ("2.jpg", "deleted")]
    assert not [file for file in (served_desk.desk.settings.folder / "photos").rglob("*") if file.is_file()]
    with served_desk.desk.store.reading() as session:
        assert session.query(StoredPhoto).count() == 0


def test_the_desk_knows_what_it_keeps_of_an_item(store: Store) -> None:
    pair = {"query": {"item": "L"}, "hit": {"item": "A"}}
    answer = {"garments": [{"hits": [{"item": "A"}]}]}
    with store.session() as session:
        session.add_all([StoredPhoto(sha256=each, bytes=1, width=1, height=1) for each in (DIGEST, OTHER)])
        watch = Watch(listings="listings", originals="originals", at_least=0.5)
        case = Case(title="Kite", collection="originals", opened_by="ana")
        session.add_all([watch, case])
        session.flush()
        session.add_all(
            [
                CasePair(case_id=case.id, number=1, hit_sha256=DIGEST, pair=pair, answer={}),
                SearchRecord(
                    owner="ana", collection="originals", photo_sha256=OTHER, file_name="", options={}, answer=answer
                ),
                Suspect(
                    watch_id=watch.id,
                    originals="originals",
                    original_item="A",
                    listing_item="L",
                    seller="",
                    probability=0.9,
                    pair=pair,
                ),
            ]
        )
    with store.reading() as session:
        told = held(session, "originals", "A", ["c" * 64])
        assert ([one["title"] for one in told.cases], told.searches, told.suspects) == (["Kite"], 1, 1)
        assert held(session, "listings", "L", []).suspects == 1
        assert [one["title"] for one in held(session, "listings", "X", [DIGEST]).cases] == ["Kite"]
        other = held(session, "elsewhere", "A", [])
        assert (other.cases, other.searches, other.suspects) == ((), 0, 0)
        assert [is_used(session, each) for each in (DIGEST, OTHER, "c" * 64)] == [True, True, False]
