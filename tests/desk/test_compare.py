"""Pairs to look at: where they come from, what is beside them, and whether their photos still are what was indexed."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from seamline.core.errors import NotFound
from seamline.desk.compared import SOURCES, compared
from seamline.desk.people.user import Role, User
from seamline.desk.settings import DeskSettings
from seamline.desk.store.models import SearchRecord
from tests.support.desk import DeskClient, desk_client
from tests.support.desk_records import ANNA, OTHER, add_search, add_suspect, photo, write_photo

READER = User("rita", Role.READER)


@pytest.fixture
def anywhere(database: str, tmp_path: Path) -> Iterator[DeskClient]:
    """A desk over each kind of database in turn."""
    settings = DeskSettings(folder=tmp_path / "desk", database=database, server="127.0.0.1:9")
    with desk_client(settings) as client:
        yield client


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the indexed photos lie."""
    made = tmp_path / "indexed"
    made.mkdir()
    return made


def pair_of(client: DeskClient, address: str) -> dict[str, Any]:
    """What the page's script gets."""
    answer = client.get(f"/api/compare/{address}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def case_with(client: DeskClient, *bodies: dict[str, Any]) -> str:
    """The id of a new case with these pairs."""
    case = None
    for body in bodies:
        case = client.change("/api/cases/pairs", {**body, "case": case, "title": None})["case"]
    return str(case)


def test_a_hit_of_a_search_is_laid_over_its_garment(desk: DeskClient, folder: Path) -> None:
    search = add_search(desk.desk, folder, (2, 3))
    found = pair_of(desk, f"search/{search}/0/1")
    assert found["names"] == {"query": "Your photo", "hit": "Hit 2"}
    assert found["pair"]["query"]["photo"] == "upload.jpg"
    assert found["page"] == f"/compare/search/{search}/0/1"
    assert found["back"]["address"] == f"/search/{search}?garment=1#hit-2"
    assert found["adding"] == {"search": search, "garment": 0, "hit": 1}
    x0, y0, x1, y1 = found["pair"]["hit"]["box"]
    (a, _, c), (_, e, f) = found["alignment"]["matrix"]
    bx0, by0, bx1, by1 = found["pair"]["query"]["box"]
    assert (a * (x0 + x1) / 2 + c, e * (y0 + y1) / 2 + f) == pytest.approx(((bx0 + bx1) / 2, (by0 + by1) / 2), abs=12)
    assert found["alignment"]["by_parts"] is True


def test_its_pictures_can_be_loaded_in_both_sizes(desk: DeskClient, folder: Path) -> None:
    found = pair_of(desk, f"search/{add_search(desk.desk, folder)}/0/0")
    for side in found["photos"].values():
        for address in side.values():
            assert desk.get(address).headers["content-type"] == "image/jpeg"


def test_the_hits_of_a_garment_are_beside_one_another(desk: DeskClient, folder: Path) -> None:
    search = add_search(desk.desk, folder, (2, 3, 4))
    rows = [pair_of(desk, f"search/{search}/0/{hit}")["row"] for hit in range(3)]
    assert [row["place"] for row in rows] == [0, 1, 2]
    assert {row["of"] for row in rows} == {3}
    assert [row["previous"] for row in rows] == [None, *(f"/api/compare/search/{search}/0/{hit}" for hit in (0, 1))]
    assert [row["next"] for row in rows] == [*(f"/api/compare/search/{search}/0/{hit}" for hit in (1, 2)), None]


def test_of_a_suspect_the_listing_is_the_query(anywhere: DeskClient, folder: Path) -> None:
    suspect = add_suspect(anywhere.desk, folder)
    found = pair_of(anywhere, f"suspect/{suspect}")
    assert found["names"] == {"query": "Listing", "hit": "Original"}
    assert found["photos"]["query"]["small"] == f"/queue/{suspect}/listing.jpg?size=small"
    assert found["row"] is None
    assert found["adding"] == {"suspect": suspect}


def test_the_pairs_of_a_case_are_beside_one_another_and_in_a_case_already(anywhere: DeskClient, folder: Path) -> None:
    search, suspect = add_search(anywhere.desk, folder, (3,)), add_suspect(anywhere.desk, folder)
    case = case_with(anywhere, {"search": search, "garment": 0, "hit": 0}, {"suspect": suspect})
    first, second = (pair_of(anywhere, f"case/{case}/{number}") for number in (1, 2))
    assert first["names"] == {"query": "Uploaded photo", "hit": "Hit"}
    assert second["names"] == {"query": "Listing", "hit": "Original"}
    assert first["row"] == {"place": 0, "of": 2, "previous": None, "next": f"/api/compare/case/{case}/2"}
    assert second["row"]["previous"] == f"/api/compare/case/{case}/1"
    assert first["adding"] is None


def test_who_may_only_look_is_not_offered_to_add_to_a_case(desk: DeskClient, folder: Path) -> None:
    found = compared(desk.desk, READER, "search", f"{add_search(desk.desk, folder)}/0/0")
    assert found.to_data(READER)["adding"] is None
    assert found.to_data(ANNA)["adding"] is not None


def test_what_was_not_granted_is_not_there(desk: DeskClient, folder: Path) -> None:
    search, suspect = add_search(desk.desk, folder), add_suspect(desk.desk, folder)
    case = case_with(desk, {"suspect": suspect})
    addresses = {"search": f"{search}/0/0", "suspect": suspect, "case": f"{case}/1"}
    assert set(addresses) == set(SOURCES)
    for source, keys in addresses.items():
        compared(desk.desk, ANNA, source, keys)
        with pytest.raises(NotFound):
            compared(desk.desk, OTHER, source, keys)


@pytest.mark.parametrize(
    "keys",
    [
        "search/{search}/0/9",
        "search/{search}/9/0",
        "search/{search}/0/99999999999999999999",
        "search/{search}/0/-1",
        "search/{search}/0/²",
        "search/{search}/0",
        "search/{search}/0/0/0",
        "search/unknown/0/0",
        "search/%00/0/0",
        "suspect/unknown",
        "suspect/",
        "case/unknown/1",
        "case/unknown/x",
        "elsewhere/1",
    ],
)
def test_what_is_not_there_is_said_in_a_sentence(anywhere: DeskClient, folder: Path, keys: str) -> None:
    address = keys.format(search=add_search(anywhere.desk, folder))
    for answer in (anywhere.get(f"/api/compare/{address}"), anywhere.get(f"/api/compare/files/{address}")):
        assert answer.status_code == 404
        assert answer.json()["error"]
    assert anywhere.get(f"/compare/{address}").status_code == 404


def test_a_photo_that_is_the_indexed_file_is_told_from_one_that_has_changed_or_gone(
    desk: DeskClient, folder: Path
) -> None:
    address = f"/api/compare/files/search/{add_search(desk.desk, folder)}/0/0"
    assert desk.get(address).json()["hit"]["state"] == "same"
    (folder / "item-2.jpg").write_bytes(photo(5))
    changed = desk.get(address).json()["hit"]
    assert (changed["state"], changed["kept"]) == ("changed", False)
    assert "its hash is another one now" in changed["sentence"]
    (folder / "item-2.jpg").write_bytes(b"secret of this machine")
    assert desk.get(address).json()["hit"]["state"] == "missing"
    (folder / "item-2.jpg").unlink()
    gone = desk.get(address).json()["hit"]
    assert gone["sentence"] == "The photo is not where it was when it was indexed."


def test_an_uploaded_photo_is_checked_against_the_copy_that_the_desk_keeps(desk: DeskClient, folder: Path) -> None:
    address = f"/api/compare/files/search/{add_search(desk.desk, folder)}/0/0"
    found = desk.get(address).json()["query"]
    assert (found["state"], found["kept"]) == ("uploaded", True)
    for file in (desk.desk.settings.folder / "photos").rglob("*"):
        if file.is_file():
            file.unlink()
    lost = desk.get(address).json()["query"]
    assert lost["sentence"] == "The desk does not have the uploaded photo any more."


def test_a_case_keeps_a_copy_of_what_is_gone(desk: DeskClient, folder: Path) -> None:
    case = case_with(desk, {"search": add_search(desk.desk, folder), "garment": 0, "hit": 0})
    write_photo(folder, 2).unlink()
    found = desk.get(f"/api/compare/files/case/{case}/1").json()["hit"]
    assert (found["state"], found["kept"]) == ("missing", True)
    assert found["sentence"].endswith("The desk keeps a copy with the indexed hash.")


def test_the_page_carries_names_from_outside_as_data_only(desk: DeskClient, folder: Path) -> None:
    search = add_search(desk.desk, folder, item="</script><script>alert(1)</script>")
    page = desk.load(f"/compare/search/{search}/0/0")
    assert "<script>alert" not in page
    carried = json.loads(re.findall(r'id="compared">(.*?)</script>', page)[0])
    assert carried["pair"]["hit"]["item"] == "</script><script>alert(1)</script>"


def test_a_mirrored_hit_is_flipped(desk: DeskClient, folder: Path) -> None:
    search = add_search(desk.desk, folder)
    with desk.desk.store.session() as session:
        record = session.get_one(SearchRecord, search)
        answer = copy.deepcopy(record.answer)
        answer["garments"][0]["hits"][0]["mirrored"] = True
        record.answer = answer
    (a, b, _), (d, e, _) = pair_of(desk, f"search/{search}/0/0")["alignment"]["matrix"]
    assert a * e - b * d < 0
