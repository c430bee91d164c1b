"""The pages and routes of cases: what they take, what they refuse, and what they give to be handed on."""

from __future__ import annotations

import json
import os
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from seamline.desk.casefile.verify import verify_archive
from seamline.desk.people.local_name import system_name
from seamline.desk.people.user import Role
from seamline.desk.settings import DeskSettings
from tests.support.desk import DeskClient, desk_client, enter_person
from tests.support.desk_records import ORIGINALS, add_search, add_suspect, add_verdict

SCRIPT = '<script>alert("x")</script>'


@pytest.fixture
def case(desk: DeskClient) -> str:
    """An open case."""
    return str(desk.change("/api/cases", {"title": "Blue blouse", "reference": "A/17", "collection": ORIGINALS})["id"])


@pytest.fixture
def paired(desk: DeskClient, case: str, tmp_path: Path) -> str:
    """A case with one pair."""
    body = {"search": add_search(desk.desk, tmp_path), "garment": 0, "hit": 0, "case": case, "title": None}
    assert desk.change("/api/cases/pairs", body) == {"case": case, "number": 1}
    return case


def data_of(page: str) -> dict[str, Any]:
    """What a page carries for its script."""
    found: dict[str, Any] = json.loads(re.findall(r'<script type="application/json" id="case">(.*?)</script>', page)[0])
    return found


def test_the_list_names_cases_with_their_counts_and_finds_them(desk: DeskClient, paired: str) -> None:
    page = desk.load("/cases")
    assert f'href="/cases/{paired}"' in page
    assert "1 pair, 0 judged" in page
    assert f"last changed by {system_name()}" in page
    assert "Blue blouse" in desk.load("/cases?q=a-0002&status=open")
    assert "No case fits" in desk.load("/cases?q=nothing+like+it")
    assert desk.get("/cases?status=other").status_code == 400


def test_an_empty_list_says_what_cases_are_for(desk: DeskClient) -> None:
    assert "A case collects pairs" in desk.load("/cases")


def test_the_page_of_a_case_shows_its_pairs_and_its_log(desk: DeskClient, paired: str) -> None:
    page = desk.load(f"/cases/{paired}")
    for said in ("Blue blouse", "A-0002", "upload.jpg", f"/compare/case/{paired}/1", "opened the case", "added pair 1"):
        assert said in page
    assert data_of(page)["pairs"] == {"1": {"verdict": None, "judged": "not judged", "note": "", "earlier": None}}
    for side in ("query", "hit"):
        answer = desk.get(f"/cases/{paired}/1/{side}.jpg?size=small")
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg")


def test_what_others_wrote_is_text_wherever_it_is_shown(desk: DeskClient, paired: str) -> None:
    desk.change(f"/api/cases/{paired}", {"field": "title", "value": SCRIPT, "known": 2}, "PATCH")
    desk.change(f"/api/cases/{paired}/pairs/1/note", {"note": SCRIPT, "known": 2}, "PUT")
    for address in (f"/cases/{paired}", "/cases", f"/cases/{paired}/evidence.html"):
        page = desk.get(address).text
        assert "alert(" in page
        assert SCRIPT not in page


def test_open_cases_are_offered_to_other_pages(desk: DeskClient, case: str) -> None:
    offered = desk.get("/api/cases?open=1").json()
    assert offered == [{"id": case, "title": "Blue blouse", "collection": ORIGINALS}]
    desk.change(f"/api/cases/{case}/close")
    assert desk.get("/api/cases?open=1").json() == []


def test_a_suspect_opens_a_case_with_what_was_said_of_it(desk: DeskClient, tmp_path: Path) -> None:
    suspect = add_suspect(desk.desk, tmp_path)
    add_verdict(desk.desk, suspect, "copy", owner="dora")
    made = desk.change("/api/cases/pairs", {"suspect": suspect, "case": None, "title": "From the queue"})
    page = desk.load(f"/cases/{made['case']}")
    assert "From the queue" in page
    assert "judged copy by dora" in page


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"search": "0" * 32, "suspect": "0" * 32},
        {"search": "0" * 32, "garment": 0, "hit": 0},
        {"suspect": "no\x00such"},
        {"suspect": "0" * 32, "more": 1},
    ],
)
def test_a_pair_that_is_none_is_refused_with_a_sentence(desk: DeskClient, case: str, body: dict[str, Any]) -> None:
    answer = desk.post("/api/cases/pairs", json=body | {"case": case})
    assert answer.status_code in (400, 404)
    assert answer.json()["error"]


def test_a_save_that_comes_second_is_a_conflict(desk: DeskClient, paired: str) -> None:
    assert desk.change(f"/api/cases/{paired}/pairs/1/verdict", {"verdict": "copy", "known": 2}, "PUT") == {"head": 3}
    answer = desk.put(f"/api/cases/{paired}/pairs/1/verdict", json={"verdict": "unsure", "known": 2})
    assert answer.status_code == 409
    assert f"{system_name()} has changed the verdict" in answer.json()["error"]
    assert desk.get(f"/api/cases/{paired}").json()["pairs"]["1"]["verdict"] == "copy"


@pytest.mark.parametrize(
    ("method", "path", "body", "code"),
    [
        ("PATCH", "", {"field": "status", "value": "closed", "known": 2}, 400),
        ("PATCH", "", {"field": "people", "value": "Anna", "known": 2}, 400),
        ("PATCH", "", {"field": "title", "value": "", "known": 2}, 400),
        ("PATCH", "", {"field": "title", "value": "x", "known": 10**30}, 400),
        ("PUT", "/pairs/1/verdict", {"verdict": "guilty", "known": 2}, 400),
        ("PUT", "/pairs/9/verdict", {"verdict": "copy", "known": 2}, 404),
        ("PUT", "/pairs/99999999999999999999/note", {"note": "", "known": 2}, 400),
        ("PUT", "/pairs/1/note", {"note": "x" * 10_001, "known": 2}, 400),
        ("DELETE", "/pairs/2", {}, 404),
        ("POST", "/reopen", {}, 409),
    ],
)
def test_changes_that_cannot_be_made_change_nothing(
    desk: DeskClient, paired: str, method: str, path: str, body: dict[str, Any], code: int
) -> None:
    answer = desk.request(method, f"/api/cases/{paired}{path}", json=body)
    assert (answer.status_code, list(answer.json())) == (code, ["error"])
    assert desk.get(f"/api/cases/{paired}").json()["head"] == 2


def test_a_case_that_is_not_there_is_not_found_everywhere(desk: DeskClient) -> None:
    for path in ("", "/evidence.html", "/evidence.pdf", "/1/hit.jpg", f"/case.zip?token={'0' * 32}"):
        assert desk.get(f"/cases/{'0' * 32}{path}").status_code == 404
    assert desk.post(f"/api/cases/{'0' * 32}/export", json={}).status_code == 404


def test_a_photo_that_could_not_be_copied_is_said_on_the_page(desk: DeskClient, case: str, tmp_path: Path) -> None:
    search = add_search(desk.desk, tmp_path)
    (tmp_path / "item-2.jpg").unlink()
    desk.change("/api/cases/pairs", {"search": search, "garment": 0, "hit": 0, "case": case})
    assert "The photo was gone when the pair was added." in desk.load(f"/cases/{case}")
    assert desk.get(f"/cases/{case}/1/hit.jpg").status_code == 404
    assert desk.get(f"/cases/{case}/evidence.html").status_code == 200


def test_the_evidence_page_runs_nothing_and_is_a_pdf_too(desk: DeskClient, paired: str) -> None:
    page = desk.get(f"/cases/{paired}/evidence.html")
    assert page.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert "Blue blouse" in page.text
    made = desk.get(f"/cases/{paired}/evidence.pdf")
    assert (made.headers["content-type"], made.content[:5]) == ("application/pdf", b"%PDF-")


def test_an_export_is_downloaded_once_and_verifies(desk: DeskClient, paired: str, tmp_path: Path) -> None:
    made = desk.change(f"/api/cases/{paired}/export")
    answer = desk.get(f"/cases/{paired}/case.zip?token={made['token']}")
    assert answer.headers["content-disposition"] == 'attachment; filename="case-A-17.zip"'
    file = tmp_path / "case.zip"
    file.write_bytes(answer.content)
    assert verify_archive(file, head=made["head"]).ok
    assert made["head"] in desk.load(f"/cases/{paired}")
    assert desk.get(f"/cases/{paired}/case.zip?token={made['token']}").status_code == 404


class _Broken(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.send_error(500)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing on the terminal."""


@pytest.fixture
def broken_authority() -> Iterator[str]:
    """An authority that gives no time stamps."""
    server = HTTPServer(("127.0.0.1", 0), _Broken)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


def test_without_the_authority_the_case_is_exported_only_when_asked_to(tmp_path: Path, broken_authority: str) -> None:
    settings = DeskSettings(folder=tmp_path / "desk", server="127.0.0.1:9", timestamp_url=broken_authority)
    with desk_client(settings) as desk:
        case = desk.change("/api/cases", {"title": "Stamped", "collection": ORIGINALS})["id"]
        answer = desk.post(f"/api/cases/{case}/export", json={})
        assert answer.status_code == 503
        assert "time stamp authority" in answer.json()["error"]
        made = desk.change(f"/api/cases/{case}/export", {"stamped": False})
        assert made["stamped"] is False
        told = [event["told"] for event in desk.get(f"/api/cases/{case}/log").json()]
        assert told[1] == "exported the case with a time stamp of 127.0.0.1"
        assert told[2].startswith("could not export the case (entry 2): the time stamp authority")
        assert told[3] == "exported the case"


def test_an_export_names_what_its_notice_still_holds_of_the_draft(desk: DeskClient, paired: str) -> None:
    text = desk.get(f"/api/cases/{paired}/notice").json()["text"]
    assert system_name() in text
    for said, left in ((text, ["DRAFT", "[name and address]", "[date]", "[signature]"]), ("Dear you,", [])):
        known = len(desk.get(f"/api/cases/{paired}/log").json())
        body = {"field": "notice", "value": said, "known": known}
        assert desk.patch(f"/api/cases/{paired}", json=body).status_code == 200
        found = desk.change(f"/api/cases/{paired}/export")["unfinished"]
        assert set(left) <= set(found)
        assert bool(found) == bool(left)


def test_exports_that_nobody_fetched_are_forgotten(desk: DeskClient, paired: str) -> None:
    folder = desk.desk.settings.folder / "exports"
    desk.change(f"/api/cases/{paired}/export")
    (left,) = folder.iterdir()
    os.utime(left, (1, 1))
    desk.change(f"/api/cases/{paired}/export")
    assert left not in list(folder.iterdir())
    assert len(list(folder.iterdir())) == 1


def test_roles_and_grants_hold_on_every_route_of_cases_and_feedback(tmp_path: Path) -> None:
    users = tmp_path / "users"
    enter_person(users, "anna", Role.ANALYST)
    enter_person(users, "rita", Role.READER)
    enter_person(users, "olga", Role.LEAD, ["others"])
    with desk_client(DeskSettings(folder=tmp_path / "desk", server="127.0.0.1:9", users=users)) as desk:
        desk.sign_in("anna")
        body = {"search": add_search(desk.desk, tmp_path), "garment": 0, "hit": 0, "title": "Anna's"}
        case = desk.change("/api/cases/pairs", body)["case"]
        assert desk.get("/feedback/verdicts.csv").status_code == 200
        assert desk.post("/api/feedback/threshold", json={"watch": "x", "at_least": 0.5}).status_code == 403
        desk.sign_in("rita")
        page = desk.load(f"/cases/{case}")
        assert "Save the note" not in page
        assert "Export as ZIP" not in page
        assert desk.get(f"/cases/{case}/evidence.html").status_code == 200
        assert desk.get("/feedback").status_code == 200
        assert [desk.request(*refused, json={}).status_code for refused in refused_to_readers(case)] == [403] * 9
        desk.sign_in("olga")
        assert case not in desk.load("/cases")
        seen = ("", "/evidence.html", "/evidence.pdf", "/1/query.jpg")
        assert [desk.get(f"/cases/{case}{path}").status_code for path in seen] == [404] * 4
        assert desk.post("/api/cases", json={"title": "x", "collection": ORIGINALS}).status_code == 404


def refused_to_readers(case: str) -> list[tuple[str, str]]:
    """What needs more than a reader."""
    return [
        ("GET", "/api/cases"),
        ("POST", "/api/cases"),
        ("POST", "/api/cases/pairs"),
        ("PATCH", f"/api/cases/{case}"),
        ("POST", f"/api/cases/{case}/close"),
        ("PUT", f"/api/cases/{case}/pairs/1/verdict"),
        ("DELETE", f"/api/cases/{case}/pairs/1"),
        ("POST", f"/api/cases/{case}/export"),
        ("GET", "/feedback/verdicts.csv"),
    ]
