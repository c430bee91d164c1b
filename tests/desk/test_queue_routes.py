"""The routes of the queue: who may use them, what they take, and what they say."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import update

from seamline.desk.people.user import Role
from seamline.desk.store.models import Suspect
from tests.support.desk import DeskClient
from tests.support.desk_records import add_suspect, watch_of

SignIn = Callable[..., DeskClient]


@pytest.fixture
def suspects(people_desk: DeskClient, tmp_path: Path) -> list[str]:
    """Two, of one seller."""
    return [add_suspect(people_desk.desk, tmp_path, 2, 0.9 - number / 10, listing=f"L-{number}") for number in range(2)]


@pytest.fixture
def watch(people_desk: DeskClient, suspects: list[str]) -> str:
    return watch_of(people_desk.desk)


def next_ids(client: DeskClient, watch: str) -> list[str]:
    return [card["id"] for card in client.change(f"/api/queue/{watch}/next", {})]


def test_a_person_judges_sums_up_and_closes(signed_in_as: SignIn, watch: str, suspects: list[str]) -> None:
    anna = signed_in_as("anna")
    assert "listings → originals (2)" in anna.load("/queue")
    assert next_ids(anna, watch) == suspects
    done = anna.change(f"/api/suspects/{suspects[0]}/verdict", {"verdict": "copy", "note": "same cuffs"})
    assert (done["copy"], done["today"], done["last"]) == (1, 1, suspects[0])
    again = anna.change(f"/api/suspects/{suspects[0]}/undo")
    assert again["card"]["id"] == suspects[0]
    assert again["done"]["copy"] == 0
    batch = anna.change(f"/api/suspects/{suspects[0]}/verdict", {"verdict": "copy"})["batch"]
    assert anna.get(f"/api/queue/{watch}/left").json()["suspects"] == 1
    changed = anna.change(f"/api/batches/{batch}/verdicts/{suspects[0]}", {"verdict": "unsure", "note": "?"})
    assert changed["counts"] == {"copy": 0, "not_copy": 0, "unsure": 1}
    anna.change(f"/api/batches/{batch}/close")
    assert "its verdicts are final" in anna.load(f"/queue/batches/{batch}")
    assert suspects[0] in anna.load(f"/queue/unsure/{watch}")


def test_a_card_of_somebody_else_is_a_conflict_that_names_them(
    signed_in_as: SignIn, watch: str, suspects: list[str]
) -> None:
    anna, ben = signed_in_as("anna"), signed_in_as("ben")
    assert next_ids(anna, watch) == suspects
    assert next_ids(ben, watch) == []
    refused = ben.post(f"/api/suspects/{suspects[0]}/verdict", json={"verdict": "copy"})
    assert refused.status_code == 409
    assert "anna" in refused.json()["error"]
    assert ben.change("/api/queue/renew", {"suspects": suspects}) == []
    anna.change("/api/queue/release", {"suspects": suspects[:1]})
    assert next_ids(ben, watch) == suspects[:1]


def test_readers_look_and_do_not_judge(signed_in_as: SignIn, watch: str, suspects: list[str]) -> None:
    reader = signed_in_as("rita", Role.READER)
    assert "you need the role analyst" in reader.load("/queue")
    assert reader.get(f"/api/queue/{watch}/left").status_code == 200
    for address, body in (
        (f"/api/queue/{watch}/next", {}),
        (f"/api/suspects/{suspects[0]}/verdict", {"verdict": "copy"}),
        ("/api/queue/renew", {"suspects": suspects}),
    ):
        assert reader.post(address, json=body).status_code == 403


def test_only_leads_put_pairs_back_and_begin_watches(signed_in_as: SignIn, watch: str, suspects: list[str]) -> None:
    anna, dora = signed_in_as("anna"), signed_in_as("dora", Role.LEAD)
    next_ids(anna, watch)
    anna.change(f"/api/suspects/{suspects[0]}/verdict", {"verdict": "unsure"})
    assert anna.post(f"/api/suspects/{suspects[0]}/again", json={}).status_code == 403
    assert anna.post("/api/watches", json={"listings": "a", "originals": "b"}).status_code == 403
    dora.change(f"/api/suspects/{suspects[0]}/again")
    assert next_ids(dora, watch) == [suspects[0]]


def test_without_a_watch_the_page_says_how_there_comes_to_be_one(signed_in_as: SignIn) -> None:
    assert "seamline watch LISTINGS --originals ORIGINALS" in signed_in_as("anna").load("/queue")


@pytest.mark.parametrize(
    "body",
    [
        {"count": 0},
        {"count": 9},
        {"seller": "a\0b"},
        {"seller": "\ud800"},
        {"in_hand": "x" * 201},
        {"skip": ["../.."]},
        {"skip": ["0" * 32] * 2001},
        {"other": 1},
    ],
)
def test_what_no_page_asks_for_is_refused(signed_in_as: SignIn, watch: str, body: dict[str, object]) -> None:
    refused = signed_in_as("anna").post(f"/api/queue/{watch}/next", content=json.dumps(body))
    assert refused.status_code in (400, 413)
    assert "Traceback" not in refused.text


@pytest.mark.parametrize("midnight", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-09-01T00:00:00Z"])
def test_any_midnight_is_taken(signed_in_as: SignIn, watch: str, midnight: str) -> None:
    answer = signed_in_as("anna").get(f"/api/queue/{watch}/done", params={"midnight": midnight})
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("midnight", ["yesterday", "2026-09-01T00:00:00"])
def test_a_midnight_that_is_no_moment_is_refused(signed_in_as: SignIn, watch: str, midnight: str) -> None:
    answer = signed_in_as("anna").get(f"/api/queue/{watch}/done", params={"midnight": midnight})
    assert answer.status_code == 400


@pytest.mark.parametrize("name", ["x", "%00", "..%2F..", "A" * 32])
def test_ids_that_are_none_find_nothing(signed_in_as: SignIn, name: str) -> None:
    anna = signed_in_as("anna")
    for address in (f"/queue/{name}/listing.jpg", f"/api/queue/{name}/left", f"/queue/batches/{name}"):
        assert anna.get(address).status_code in (400, 404)


def test_both_photos_are_pictures_and_one_that_is_gone_is_not_found(
    signed_in_as: SignIn, watch: str, suspects: list[str], tmp_path: Path
) -> None:
    anna = signed_in_as("anna")
    for side in ("listing", "original"):
        answer = anna.get(f"/queue/{suspects[0]}/{side}.jpg", params={"size": "small"})
        assert answer.headers["content-type"] == "image/jpeg"
    (tmp_path / "item-1.jpg").unlink()
    gone = anna.get(f"/queue/{suspects[0]}/listing.jpg")
    assert gone.status_code == 404
    assert str(tmp_path) not in gone.text


def test_names_from_outside_stay_text_on_every_page(
    signed_in_as: SignIn, people_desk: DeskClient, watch: str, suspects: list[str]
) -> None:
    script = "<img src=x onerror=alert(1)>"
    with people_desk.desk.store.session() as session:
        session.execute(update(Suspect).values(seller=script))
    anna = signed_in_as("anna")
    next_ids(anna, watch)
    batch = anna.change(f"/api/suspects/{suspects[0]}/verdict", {"verdict": "unsure", "note": script})["batch"]
    for address in ("/queue", f"/queue/batches/{batch}", f"/queue/unsure/{watch}"):
        assert "<img src=x" not in anna.load(address)


def test_a_lead_screens_listings_from_the_desk(served_desk: DeskClient) -> None:
    asked = {"listings": "listings", "originals": "originals", "at_least": 0.5}
    state = served_desk.change("/api/watches", asked)
    end = time.monotonic() + 120
    while state["running"]:
        assert time.monotonic() < end
        time.sleep(0.1)
        state = served_desk.get(f"/api/watches/{state['id']}").json()
    assert state["problem"] == ""
    assert state["screened"] == state["total"] > 0
    assert served_desk.get(f"/api/queue/{state['id']}/left").json()["suspects"] == state["suspects"] > 0
    again = served_desk.change("/api/watches", asked)
    served_desk.change(f"/api/watches/{again['id']}/stop")
    refused = served_desk.post("/api/watches", json={"listings": "nothing", "originals": "originals"})
    assert refused.status_code == 404


def test_a_watch_is_refused_where_the_index_is_away(desk: DeskClient) -> None:
    refused = desk.post("/api/watches", json={"listings": "listings", "originals": "originals"})
    assert refused.status_code in (400, 503)
    assert "queue yet" in desk.load("/queue")
