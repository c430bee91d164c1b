"""The catalogue's pages: every item once, its photos, and nothing of collections that were not granted."""

from __future__ import annotations

import re
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from seamline.desk.catalogue import browsing
from seamline.desk.catalogue.browsing import item_page, items_named
from seamline.desk.people.user import Role
from seamline.desk.settings import DeskSettings
from seamline.index import Index
from tests.support.desk import DeskClient, desk_client, enter_person
from tests.support.milvus_lite import milvus_lite
from tests.support.rows import DIMENSION, FINGERPRINT, garment

if TYPE_CHECKING:
    from seamline.local import LocalServer

_KEY = re.compile(r"photo\?key=([0-9a-f]{46})&")


def test_all_pages_together_show_each_item_once_with_all_of_its_photos(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(browsing, "ROWS", 5)
    with milvus_lite(tmp_path) as uri, closing(Index(uri)) as index:
        made = index.create("paged", FINGERPRINT, (5, DIMENSION))
        made.store([garment(number, item=f"item {number % 20}", content=str(number)) for number in range(60)])
        made.flush()
        first = item_page(made, 1, None)
        pages = [item_page(made, number, first.pages) for number in range(1, first.pages + 1)]
        items = [item for page in pages for item in page.items]
        assert Counter(item.item for item in items) == Counter({f"item {number}": 1 for number in range(20)})
        assert first.pages == 12
        assert max(len(page.items) for page in pages) <= 10
        (one,) = items_named(made, ["item 3", "unknown"])
        assert one.garments == 3


@pytest.mark.server
def test_a_collection_names_its_weights_and_shows_its_items_with_photos(served_desk: DeskClient) -> None:
    page = served_desk.load("/catalogue")
    assert "Filled with the server&#39;s present weights of psnet_lite" in page
    items = served_desk.load("/catalogue/originals")
    assert "Atelier Ahrens" in items
    photo = served_desk.get("/catalogue/originals/photo", params={"key": _KEY.findall(items)[0]})
    assert (photo.status_code, photo.headers["content-type"]) == (200, "image/jpeg")
    assert photo.headers["cache-control"] == "no-store"
    for key in ("x", "0" * 46, '" or pk != "'):
        assert served_desk.get("/catalogue/originals/photo", params={"key": key}).status_code == 404
    assert "A-0003" in served_desk.get("/catalogue/originals", params={"item": "A-0003"}).text
    assert "no item with exactly this id" in served_desk.get("/catalogue/originals", params={"item": "A-000"}).text
    for address in ("/catalogue/no_such", "/catalogue/originals?page=99", "/catalogue/originals?page=0"):
        assert served_desk.get(address).status_code == 404


@pytest.mark.server
def test_nobody_learns_of_a_collection_that_was_not_granted(catalogue: LocalServer, tmp_path: Path) -> None:
    users = tmp_path / "users.toml"
    enter_person(users, "rita", Role.READER, {"listings"})
    settings = DeskSettings(
        folder=tmp_path / "desk",
        server=catalogue.endpoints.grpc,
        milvus=str(catalogue.endpoints.milvus),
        users=users,
    )
    with desk_client(settings) as rita:
        rita.sign_in("rita")
        page = rita.load("/catalogue")
        assert "listings" in page
        assert "originals" not in page
        assert "Index photos" not in page
        for address in ("", "/photo?key=" + "0" * 46, "/receipts", "?item=A-0003"):
            refused = rita.get(f"/catalogue/originals{address}")
            assert refused.status_code == 404
            assert "or it was not granted to you" in refused.text
        assert "data-delete" not in rita.load("/catalogue/listings")
        changes = (
            ("/api/jobs", {"collection": "listings"}),
            ("/api/catalogue/listings/delete", {"item": "", "typed": ""}),
        )
        for address, body in changes:
            assert rita.post(address, json=body).status_code == 403


def test_without_an_index_the_page_says_so(tmp_path: Path) -> None:
    settings = DeskSettings(folder=tmp_path / "desk", server="127.0.0.1:9", milvus="http://127.0.0.1:9")
    with desk_client(settings) as client:
        page = client.load("/catalogue")
        assert "the index does not answer" in page
        assert client.get("/catalogue/originals").status_code == 503
