"""Searches through the desk's routes and the real server."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from seamline.client import Client
from seamline.desk.people.user import Role
from seamline.desk.settings import DeskSettings
from seamline.desk.store.models import SearchRecord, StoredPhoto
from seamline.local import LocalServer
from tests.support.desk import DeskClient, desk_client, enter_person
from tests.support.desk_records import photo

PhotoOf = Callable[[str], Path]


@pytest.fixture
def uploaded(photo_of: PhotoOf) -> bytes:
    """A photo that is also in the collection `originals`."""
    return photo_of("A-0000").read_bytes()


def search(desk: DeskClient, body: bytes, **query: Any) -> dict[str, Any]:
    answer = desk.post("/api/search", params={"collection": "originals", **query}, content=body)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def refused(desk: DeskClient, body: bytes, **query: Any) -> tuple[int, str]:
    answer = desk.post("/api/search", params={"collection": "originals", **query}, content=body)
    return answer.status_code, str(answer.json().get("error"))


def rows(desk: DeskClient) -> tuple[int, int]:
    with desk.desk.store.reading() as session:
        return session.query(SearchRecord).count(), session.query(StoredPhoto).count()


def test_a_photo_is_answered_as_the_client_answers_it(
    served_desk: DeskClient, catalogue: LocalServer, uploaded: bytes
) -> None:
    found = search(served_desk, uploaded, name="one.jpg", top_k=5)
    with Client(catalogue.endpoints.grpc) as client:
        searched = client.search(uploaded, collection="originals", top_k=5)
    assert [[pair["hit"]["item"] for pair in row] for row in found["pairs"]] == [
        [hit.item for hit in garment.hits] for garment in searched.garments
    ]
    assert found["pairs"][0][0]["score"] == pytest.approx(searched.garments[0].hits[0].score, rel=1e-5)
    assert found["versions"]["fingerprint"] == searched.versions.fingerprint
    assert (found["file_name"], found["collection"]) == ("one.jpg", "originals")


def test_the_answer_is_kept_and_outlives_the_server(served_desk: DeskClient, uploaded: bytes, tmp_path: Path) -> None:
    found = search(served_desk, uploaded, name="one.jpg")
    with desk_client(DeskSettings(folder=tmp_path / "desk", server="127.0.0.1:9")) as later:
        assert later.get(f"/api/search/{found['id']}").json() == found
        assert later.get(f"/search/{found['id']}/photo").status_code == 200
        assert later.get(f"/search/{found['id']}/0/0/photo?size=small").status_code == 200
        assert "one.jpg" in later.load()


def test_a_box_and_options_reach_the_server(served_desk: DeskClient, uploaded: bytes) -> None:
    whole = search(served_desk, uploaded)
    x0, y0, x1, y1 = whole["garments"][0]["box"]
    found = search(served_desk, uploaded, box=f"{x0},{y0},{x1},{y1}", top_k=2, ranking="global", category="skirt")
    assert len(found["garments"]) == 1
    assert found["garments"][0]["box"] == pytest.approx([x0, y0, x1, y1], abs=0.1)
    assert {pair["hit"]["category"] for pair in found["pairs"][0]} <= {"skirt"}
    assert found["versions"]["ranking"] == "global"


def test_a_corrected_landmark_is_searched_as_corrected(served_desk: DeskClient, uploaded: bytes) -> None:
    whole = search(served_desk, uploaded)
    garment = whole["garments"][0]
    points = [list(point) for point in garment["landmarks"]]
    names = whole["versions"]["landmarks"]
    for name in ("cuff_left_outer", "cuff_left_inner", "hem_left"):
        points[names.index(name)][0] += 40
    question = {"box": garment["box"], "landmarks": [points], "collection": "originals", "top_k": 3}
    again = served_desk.change(f"/api/search/{whole['id']}/again", question)
    assert again["id"] != whole["id"]
    assert again["options"]["whole"] == whole["id"]
    assert again["file_name"] == whole["file_name"]
    moved = again["garments"][0]["landmarks"][names.index("hem_left")]
    assert moved[:2] == pytest.approx(points[names.index("hem_left")][:2], abs=1)
    assert again["garments"][0]["part_boxes"] != garment["part_boxes"]


def test_what_was_found_once_about_a_box_leads_back_to_the_whole_photo(
    served_desk: DeskClient, uploaded: bytes
) -> None:
    whole = search(served_desk, uploaded)
    box = whole["garments"][0]["box"]
    first = served_desk.change(f"/api/search/{whole['id']}/again", {"box": box})
    second = served_desk.change(f"/api/search/{first['id']}/again", {"box": box, "top_k": 4})
    assert second["options"]["whole"] == whole["id"]
    assert second["collection"] == "originals"
    assert served_desk.change(f"/api/search/{second['id']}/again", {})["options"]["whole"] is None


def test_weights_are_searched_with_the_ranking_that_takes_them(served_desk: DeskClient, uploaded: bytes) -> None:
    whole = search(served_desk, uploaded)
    found = served_desk.change(f"/api/search/{whole['id']}/again", {"weights": {"collar": 1.0}, "top_k": 5})
    assert found["versions"]["ranking"] == "weighted"
    for pair in found["pairs"][0]:
        assert pair["score"] == pytest.approx(pair["parts"][0]["similarity"], abs=1e-5)


@pytest.mark.parametrize(
    ("query", "code", "words"),
    [
        ({"collection": "nowhere"}, 404, "nowhere"),
        ({"top_k": 201}, 400, "TOP_K"),
        ({"ranking": "best"}, 400, "RANKING"),
        ({"category": "hat"}, 400, "CATEGORIES"),
        ({"box": "1,2,3"}, 400, "a box is"),
        ({"box": "5,5,nan,9"}, 400, "BOX"),
        ({"top_k": "many"}, 400, "another kind"),
    ],
)
def test_what_cannot_be_searched_is_refused_in_a_sentence_and_nothing_is_kept(
    served_desk: DeskClient, uploaded: bytes, query: dict[str, Any], code: int, words: str
) -> None:
    status, sentence = refused(served_desk, uploaded, **query)
    assert (status, words in sentence) == (code, True), sentence
    assert rows(served_desk) == (0, 0)


@pytest.mark.parametrize("body", [b"", b"GIF89a no photo", b"\xff\xd8\xff" + b"\0" * 100])
def test_bytes_that_are_no_photo_are_refused_and_not_kept(served_desk: DeskClient, body: bytes) -> None:
    status, sentence = refused(served_desk, body)
    assert status == 400
    assert "photo" in sentence
    assert rows(served_desk) == (0, 0)
    assert not list(served_desk.desk.settings.folder.glob("photos/*/*"))


def test_a_photo_without_a_garment_has_an_answer_that_says_so(served_desk: DeskClient, tmp_path: Path) -> None:
    from PIL import Image

    Image.new("RGB", (300, 300), "white").save(tmp_path / "plain.png")
    found = search(served_desk, (tmp_path / "plain.png").read_bytes())
    assert found["garments"] == []
    assert [warning["code"] for warning in found["warnings"]] == ["no_garment"]


def test_a_server_that_is_away_is_said_and_nothing_is_kept(desk: DeskClient) -> None:
    status, sentence = refused(desk, photo(1))
    assert status == 503
    assert "server" in sentence
    assert rows(desk) == (0, 0)


@pytest.mark.parametrize(
    "body",
    [
        {"landmarks": [[[1, 2]]]},
        {"landmarks": "all"},
        {"box": [1, 2, 3]},
        {"weights": {"collar": "heavy"}},
        {"weights": {"brim": 1.0}},
        {"weights": {"collar": -1.0}},
        {"shout": True},
    ],
)
def test_a_question_that_is_none_is_refused(served_desk: DeskClient, uploaded: bytes, body: dict[str, Any]) -> None:
    found = search(served_desk, uploaded)
    answer = served_desk.post(f"/api/search/{found['id']}/again", json=body)
    assert answer.status_code == 400, answer.text
    assert rows(served_desk) == (1, 1)


def test_grants_and_roles_bound_what_is_searched(catalogue: LocalServer, uploaded: bytes, tmp_path: Path) -> None:
    users = tmp_path / "users.json"
    enter_person(users, "anna", Role.ANALYST, ["listings"])
    enter_person(users, "rita", Role.READER, ["listings"])
    settings = DeskSettings(folder=tmp_path / "desk", server=catalogue.endpoints.grpc, users=users)
    with desk_client(settings) as client:
        client.sign_in("anna")
        assert refused(client, uploaded)[0] == 404
        found = search(client, uploaded, collection="listings")
        assert client.post(f"/api/search/{found['id']}/again", json={"collection": "originals"}).status_code == 404
        client.cookies.clear()
        client.sign_in("rita")
        assert client.get(f"/api/search/{found['id']}").status_code == 200
        assert refused(client, uploaded, collection="listings")[0] == 403
        assert '"may_search": false' in client.load()
