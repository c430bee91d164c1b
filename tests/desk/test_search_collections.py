"""Which collections a person may choose from."""

from __future__ import annotations

from pathlib import Path

from seamline.desk.collections import Collections, ListedCollection, Listing
from seamline.desk.people.user import Role, User
from seamline.desk.settings import DeskSettings
from tests.support.desk import DeskClient

ANNA = User("anna", Role.ANALYST, frozenset({"listings"}))


def test_an_index_that_is_away_is_a_problem_to_show_and_no_failure(tmp_path: Path) -> None:
    listing = Collections(DeskSettings(folder=tmp_path, milvus="http://127.0.0.1:9")).listing()
    assert listing.collections == ()
    assert listing.problem


def test_a_server_whose_index_nobody_has_named_is_a_problem_to_show(desk: DeskClient) -> None:
    answer = desk.get("/api/collections").json()
    assert answer["collections"] == []
    assert "--milvus" in answer["problem"]


def test_people_see_the_collections_that_were_granted_to_them() -> None:
    listing = Listing((ListedCollection("listings", 3), ListedCollection("originals", 5)))
    assert listing.seen_by(ANNA).collections == (ListedCollection("listings", 3),)


def test_the_collections_of_the_index_are_listed_with_their_garments(served_desk: DeskClient) -> None:
    found = {one["name"]: one["garments"] for one in served_desk.get("/api/collections").json()["collections"]}
    assert set(found) >= {"listings", "originals"}
    assert found["originals"] > found["listings"] > 0
