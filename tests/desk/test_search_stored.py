"""Searches that were made: read from the store, whatever has become of the server."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from seamline.core.errors import NotFound
from seamline.desk.answers import kept_answer, searched_of
from seamline.desk.people.user import Role, User
from seamline.desk.searching import load_pair, load_search, recent_searches
from tests.support.desk import DeskClient
from tests.support.desk_records import ANNA, BEN, OTHER, add_search


def test_a_kept_answer_is_read_as_it_was_given(desk: DeskClient, tmp_path: Path) -> None:
    record = load_search(desk.desk, ANNA, add_search(desk.desk, tmp_path))
    searched = searched_of(record.answer)
    assert kept_answer(searched) == record.answer
    assert np.isnan(searched.garments[0].hits[0].part_similarity[4])


def test_a_pair_is_the_hit_at_its_place(desk: DeskClient, tmp_path: Path) -> None:
    search = add_search(desk.desk, tmp_path, (2, 3))
    pair, record = load_pair(desk.desk, ANNA, search, 0, 1)
    assert record.id == search
    assert pair.hit.photo == str(tmp_path / "item-3.jpg")
    assert [part.kept for part in pair.parts] == [True, True, False, True, None, True, True]


@pytest.mark.parametrize(("garment", "hit"), [(0, 1), (1, 0), (-1, 0), (0, -1)])
def test_a_place_without_a_hit_is_not_found(desk: DeskClient, tmp_path: Path, garment: int, hit: int) -> None:
    search = add_search(desk.desk, tmp_path)
    with pytest.raises(NotFound):
        load_pair(desk.desk, ANNA, search, garment, hit)
    assert desk.get(f"/search/{search}/{garment}/{hit}/photo").status_code == 404


def test_a_search_of_a_collection_that_was_not_granted_is_not_found(desk: DeskClient, tmp_path: Path) -> None:
    search = add_search(desk.desk, tmp_path)
    with pytest.raises(NotFound):
        load_search(desk.desk, OTHER, search)


def test_people_list_their_own_searches_in_collections_that_are_still_granted(desk: DeskClient, tmp_path: Path) -> None:
    first, second = add_search(desk.desk, tmp_path), add_search(desk.desk, tmp_path, collection="others")
    assert [one.id for one in recent_searches(desk.desk, ANNA)] == [second, first]
    assert [one.id for one in recent_searches(desk.desk, User("anna", Role.READER, frozenset({"others"})))] == [second]
    assert recent_searches(desk.desk, BEN) == []


def test_the_page_and_its_photos_are_there_while_the_server_is_away(desk: DeskClient, tmp_path: Path) -> None:
    search = add_search(desk.desk, tmp_path)
    assert desk.get(f"/search/{search}").status_code == 200
    shown = desk.get(f"/api/search/{search}").json()
    assert shown["pairs"][0][0]["hit"]["item"] == "A-0002"
    assert "versions" not in shown["pairs"][0][0]
    for address in (f"/search/{search}/photo?size=small", f"/search/{search}/0/0/photo"):
        assert desk.get(address).headers["content-type"] == "image/jpeg"


def test_a_hit_whose_photo_has_gone_has_none(desk: DeskClient, tmp_path: Path) -> None:
    search = add_search(desk.desk, tmp_path)
    (tmp_path / "item-2.jpg").unlink()
    assert desk.get(f"/search/{search}/0/0/photo").status_code == 404


@pytest.mark.parametrize("id_", ["0" * 32, "%00", "%F0%9F%91%95", "..%2Fqueue"])
def test_an_id_that_no_search_has_is_not_found(desk: DeskClient, id_: str) -> None:
    assert desk.get(f"/search/{id_}").status_code == 404
    assert desk.get(f"/api/search/{id_}").status_code == 404
