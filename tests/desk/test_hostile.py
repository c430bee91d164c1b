"""Names that are markup or paths, bodies that are too large, and cookies that are somebody else's."""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import socket
import urllib.request
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path

import pytest

from seamline.desk.people.sessions import COOKIE
from seamline.desk.store.models import (
    Batch,
    CasePair,
    DeletionReceipt,
    IndexJob,
    SearchRecord,
    SignIn,
    Suspect,
    Verdict,
)
from tests.support.desk import ORIGIN, DeskClient, live_desk
from tests.support.desk_records import ORIGINALS, add_search, add_suspect, photo, watch_of
from tests.support.desk_routes import routes_of

MARKUP = (
    """x"><script>alert('Owned')</script><img src=x onerror=alert(1)> ' onmouseover='alert(2)' {{ 7*7 }} </script>"""
)
TURNED = "nedrub\u202e"
HOSTILE = f"{MARKUP} {TURNED}"

NOT_PAGES = {"/words.js", "/api/health", "/cases/{case_id}/evidence.pdf"}


class Page(HTMLParser):
    """What a browser would take for markup that runs."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.running: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Scripts of other kinds than data and the desk's own files, handlers, styles, and addresses that are code."""
        given = dict(attrs)
        own = (given.get("src") or "").startswith("/static/") or given.get("type") == "application/json"
        if (tag == "script" and not own) or tag in ("iframe", "object", "embed", "base"):
            self.running.append(f"<{tag} {given}>")
        if tag == "img" and given.get("src") == "x":
            self.running.append("<img src=x>")
        for name, value in attrs:
            if (
                name.startswith("on")
                or name == "style"
                or (value or "").strip().lower().startswith(("javascript:", "data:text"))
            ):
                self.running.append(f"{tag} {name}={value}")


@pytest.fixture
def addresses(desk: DeskClient, tmp_path: Path) -> dict[str, list[str]]:
    """Parameter -> values, of a desk whose every name is hostile."""
    search = add_search(desk.desk, tmp_path, item=HOSTILE)
    with desk.desk.store.session() as session:
        session.query(SearchRecord).update({"owner": "local", "file_name": f"{HOSTILE}.jpg"})
    names = {"original": HOSTILE, "listing": HOSTILE, "seller": HOSTILE}
    suspect = add_suspect(desk.desk, tmp_path, **names)
    add_suspect(desk.desk, tmp_path, **names | {"listing": HOSTILE + "2"})
    case = desk.change("/api/cases", {"title": MARKUP, "reference": MARKUP[:90], "collection": ORIGINALS})["id"]
    for source in ({"search": search}, {"suspect": suspect}):
        desk.change("/api/cases/pairs", {"case": case, **source})
    for value, field in ((MARKUP, "notice"), ([MARKUP[:90]], "people")):
        desk.change(f"/api/cases/{case}", {"field": field, "value": value, "known": head(desk, case)}, "PATCH")
    desk.change(f"/api/cases/{case}/pairs/1/note", {"note": MARKUP, "known": head(desk, case)}, "PUT")
    with desk.desk.store.session() as session:
        batch = Batch(owner="local", originals=ORIGINALS)
        job = IndexJob(collection=ORIGINALS, source=HOSTILE, owner="local", state="failed", message=HOSTILE)
        receipt = DeletionReceipt(collection=ORIGINALS, item=HOSTILE, owner="local", content=receipt_of(HOSTILE))
        session.add_all([batch, job, receipt])
        session.flush()
        session.add(Verdict(suspect_id=suspect, batch_id=batch.id, verdict="unsure", owner="local", note=HOSTILE))
        session.query(CasePair).update({"judged_by": HOSTILE})
        session.query(Suspect).filter_by(id=suspect).update({"state": "judged"})
    return {
        "search_id": [search], "garment": ["0"], "hit": ["0"], "case_id": [case], "number": ["1"], "side": ["query"],
        "suspect": [suspect], "batch": [batch.id], "watch": [watch_of(desk.desk)], "collection": [ORIGINALS],
        "job_id": [job.id], "receipt_id": [receipt.id], "source": ["search", "suspect", "case"],
        "keys": [f"{search}/0/0", suspect, f"{case}/1", f"{case}/2"],
    }  # fmt: skip


def head(desk: DeskClient, case: str) -> int:
    """The number of the last entry of a case's log."""
    return int(desk.get(f"/api/cases/{case}").json()["head"])


def receipt_of(name: str) -> dict[str, object]:
    """What is kept of a deletion that was not finished."""
    told = {"item": name, "name": name, "sha256": "0" * 64, "garments": 1, "file": "kept"}
    return {
        "items": [name], "collection": ORIGINALS, "who": name, "made_at": "2026-01-02T03:04:05+00:00", "ended_at": None,
        "photos": [told], "finality": None, "versions": [], "missing": [],
    }  # fmt: skip


def test_names_are_shown_as_they_are_and_never_run(desk: DeskClient, addresses: dict[str, list[str]]) -> None:
    shown = set()
    for route in routes_of(desk.app):
        if not route.is_safe or "catalogue/{collection}" in route.path or route.path in NOT_PAGES:
            continue
        for address in route.addresses(addresses):
            answer = desk.get(address)
            kind = answer.headers.get("content-type", "").split(";")[0]
            assert kind in ("text/html", "application/json", "image/jpeg", "text/csv", ""), address
            assert answer.headers["x-content-type-options"] == "nosniff"
            if kind == "text/html":
                page = answer.text if not address.endswith("evidence.html") else without_own_style(answer.text)
                assert Page(page).running == [], address
                assert TURNED not in page, address
                assert "49 &lt;/script" not in page
                if "Owned" in page:
                    shown.add(route.path)
    assert {
        "/search",
        "/cases",
        "/cases/{case_id}",
        "/cases/{case_id}/evidence.html",
        "/queue/batches/{batch}",
    } <= shown
    assert {"/queue/unsure/{watch}", "/compare/{source}/{keys}", "/catalogue/receipts/{receipt_id}"} <= shown


def without_own_style(page: str) -> str:
    """The evidence page has its styles with it, and a policy of its own, under which nothing runs."""
    return re.sub(r' style="[^"<>]*"', "", page)


def test_the_evidence_page_has_a_policy_under_which_nothing_runs(
    desk: DeskClient, addresses: dict[str, list[str]]
) -> None:
    policy = desk.get(f"/cases/{addresses['case_id'][0]}/evidence.html").headers["content-security-policy"]
    assert policy.startswith("sandbox; default-src 'none';")
    assert "script-src" not in policy
    assert "frame-ancestors 'none'" in policy


@pytest.mark.parametrize("asked", [f"/search?q={MARKUP}", f"/cases?q={MARKUP}", f"/queue?watch={MARKUP}", f"/{MARKUP}"])
def test_an_address_does_not_come_back_as_markup(desk: DeskClient, asked: str) -> None:
    assert Page(desk.get(asked).text).running == []


def test_scripts_and_templates_of_the_desk_set_texts_and_never_markup() -> None:
    folder = files("seamline.desk")
    scripts = {one.name: one.read_text() for one in (folder / "static").iterdir() if one.name.endswith(".js")}
    templates = {one.name: one.read_text() for one in (folder / "templates").iterdir()}
    assert len(scripts) > 20
    setting = re.compile(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|srcdoc|DOMParser"
    )
    raw = re.compile(
        r"\|\s*safe\b|autoescape|Markup| style=| on[a-z]+=|<script(?![^>]*(?: src=| type=\"application/json\"))"
    )
    assert [name for name, text in scripts.items() if setting.search(text)] == []
    assert [name for name, text in templates.items() if raw.search(text)] == []


@pytest.mark.parametrize(
    "name",
    ["../../../../tmp/owned.jpg", "/etc/owned", "..\\..\\owned", "owned\x00.jpg", "owned\r\nX: 1", "o" * 5000, MARKUP],
)
def test_the_name_of_a_photo_leads_to_no_file(desk: DeskClient, tmp_path: Path, name: str) -> None:
    job = desk.change("/api/jobs", {"collection": ORIGINALS})["id"]
    data = photo(3)
    answer = desk.post("/api/uploads", params={"job": job, "name": name, "item": "A-1"}, content=data)
    assert answer.status_code == 200, answer.text
    kept = [file for file in tmp_path.rglob("*") if file.is_file() and file.read_bytes() == data]
    digest = hashlib.sha256(data).hexdigest()
    assert kept == [tmp_path / "desk" / "photos" / digest[:2] / digest]
    assert not [file for file in tmp_path.rglob("*") if "owned" in file.name]


@pytest.mark.parametrize("reference", ['a"; filename="owned.exe', "../../owned", "a/b\\c", "<script>", "Ärger"])
def test_the_name_of_a_download_is_letters_and_digits(desk: DeskClient, reference: str) -> None:
    case = desk.change("/api/cases", {"title": "A case", "reference": reference, "collection": ORIGINALS})["id"]
    token = desk.change(f"/api/cases/{case}/export", {"stamped": False})["token"]
    answer = desk.get(f"/cases/{case}/case.zip", params={"token": token})
    assert re.fullmatch(r'attachment; filename="case-[A-Za-z0-9-]+\.zip"', answer.headers["content-disposition"])
    assert desk.get(f"/cases/{case}/case.zip", params={"token": "../" + token}).status_code == 404


def test_only_the_token_itself_is_a_session(people_desk: DeskClient, signed_in_as: Callable[..., DeskClient]) -> None:
    anna = signed_in_as("anna")
    token = anna.cookies[COOKIE]
    with people_desk.desk.store.reading() as session:
        row = session.query(SignIn).one()
    for value in (
        "",
        "anna",
        row.token_sha256,
        row.csrf,
        token[:-1],
        f"{token}x",
        token.lower(),
        f'"{token}x"',
        "a" * 9000,
    ):
        people_desk.cookies.clear()
        answer = people_desk.get("/api/presets", headers={"Cookie": f"{COOKIE}={value}"})
        assert answer.status_code == 401, value
    assert people_desk.get("/api/presets", headers={"Cookie": f"{COOKIE}={token}"}).status_code == 200


def test_a_session_is_its_own_persons_whatever_else_the_request_says(signed_in_as: Callable[..., DeskClient]) -> None:
    anna, ben = signed_in_as("anna"), signed_in_as("ben")
    anna.change("/api/presets", {"name": "annas", "weights": {"collar": 1.0}})
    (preset,) = anna.get("/api/presets").json()
    headers = {"X-Forwarded-Email": "anna", "X-Forwarded-User": "anna", "Authorization": "Bearer anna"}
    assert ben.get("/api/presets", headers=headers).json() == []
    assert ben.delete(f"/api/presets/{preset['id']}", headers=headers).status_code == 404
    assert len(anna.get("/api/presets").json()) == 1


SIZE = 300_000_000
_GROWTH = 60_000_000
"""Bytes: three times the largest photo that is taken."""


@contextlib.contextmanager
def desk_process(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A desk's address, and what the kernel says of its process."""
    folder = tmp_path / "desk"
    with live_desk(folder, tmp_path / "home") as address:
        wanted = str(folder).encode()
        (process,) = [one for one in Path("/proc").glob("[0-9]*") if wanted in _command_line(one)]
        yield address, process / "status"


def _command_line(process: Path) -> bytes:
    with contextlib.suppress(OSError):
        return (process / "cmdline").read_bytes()
    return b""


def peak(status: Path) -> int:
    """The most memory that the process ever had, in bytes."""
    (found,) = re.findall(r"VmHWM:\s+(\d+) kB", status.read_text())
    return int(found) * 1024


def sent(address: str, head: bytes, piece: bytes) -> bytes:
    """What comes back while SIZE bytes go there in such pieces."""
    host, port = address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), 20) as connection:
        connection.sendall(head)
        with contextlib.suppress(ConnectionError):
            for _ in range(SIZE // 1_000_000):
                connection.sendall(piece)
        return connection.recv(65_536)


@pytest.mark.parametrize("path", ["/api/search", "/api/presets"])
def test_an_upload_of_300_megabytes_is_refused_with_little_memory(tmp_path: Path, path: str) -> None:
    with desk_process(tmp_path) as (address, status):
        with urllib.request.urlopen(f"{address}/search") as page:
            (csrf,) = re.findall(r'name="csrf" content="([^"]+)"', page.read().decode())
        head = f"POST {path} HTTP/1.1\r\nHost: {address.removeprefix('http://')}\r\nOrigin: {address}\r\n"
        head += f"X-CSRF-Token: {csrf}\r\nContent-Type: application/json\r\n"
        before, block = peak(status), b"x" * 1_000_000
        whole = sent(address, f"{head}Content-Length: {SIZE}\r\n\r\n".encode(), block)
        assert whole.startswith(b"HTTP/1.1 413")
        chunk = b"f4240\r\n" + block + b"\r\n"
        chunked = sent(address, f"{head}Transfer-Encoding: chunked\r\n\r\n".encode(), chunk)
        assert chunked.startswith(b"HTTP/1.1 413")
        assert b"that is too large" in chunked
        assert peak(status) - before < _GROWTH
        with urllib.request.urlopen(f"{address}/api/presets") as answer:
            assert json.load(answer) == []


def test_a_body_without_an_end_does_not_hold_up_others(tmp_path: Path) -> None:
    with desk_process(tmp_path) as (address, _):
        host, port = address.removeprefix("http://").split(":")
        head = f"POST /api/search HTTP/1.1\r\nHost: {host}:{port}\r\nOrigin: {address}\r\nContent-Length: 1000\r\n\r\nx"
        with contextlib.ExitStack() as stack:
            for _ in range(200):
                waiting = stack.enter_context(socket.create_connection((host, int(port)), 20))
                waiting.sendall(head.encode())
            with urllib.request.urlopen(f"{address}/search", timeout=20) as page:
                assert page.status == 200


def test_the_log_of_a_process_says_nothing_of_requests_that_are_refused(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with desk_process(tmp_path) as (address, _):
        for headers in ({"Host": "evil.example"}, {"Origin": ORIGIN}, {"Content-Length": "9" * 30}):
            request = urllib.request.Request(f"{address}/api/presets", b"{", headers)
            with contextlib.suppress(OSError), urllib.request.urlopen(request, timeout=20) as answer:
                pytest.fail(f"{headers} was answered with {answer.status}")
    assert "Traceback" not in capfd.readouterr().err
