"""What every request to the desk passes, and what every answer says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import Request
from starlette.requests import ClientDisconnect

from seamline.core.errors import Unavailable
from seamline.desk.application import create_app
from seamline.desk.settings import DeskSettings
from tests.support.desk import ORIGIN, DeskClient

PRESET = {"name": "cuffs", "weights": {"left_sleeve": 1.0}}


@pytest.mark.parametrize(
    "host",
    ["desk.evil.example", "127.0.0.1", "127.0.0.1:8081", "127.0.0.1:8080.evil.example", "evil@127.0.0.1:8080", ""],
)
def test_a_host_name_that_is_not_the_desks_is_refused(desk: DeskClient, host: str) -> None:
    for address in ("/", "/login", "/words.js", "/static/desk.css", "/api/presets"):
        answer = desk.get(address, headers={"Host": host})
        assert (answer.status_code, set(answer.json())) == (400, {"error"})


@pytest.mark.parametrize("host", ["localhost:8080", "[::1]:8080", "LOCALHOST:8080"])
def test_this_machine_has_several_names(desk: DeskClient, host: str) -> None:
    assert desk.get("/api/presets", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    ("listen", "origin", "host"),
    [
        ("127.0.0.1:80", None, "127.0.0.1"),
        ("127.0.0.2:8080", None, "127.0.0.2:8080"),
        ("127.0.0.1:8080", "http://localhost:443/", "localhost:443"),
    ],
)
def test_hosts_are_known_as_browsers_write_them(tmp_path: Path, listen: str, origin: str | None, host: str) -> None:
    client = DeskClient(create_app(DeskSettings(folder=tmp_path, server="127.0.0.1:9", listen=listen, origin=origin)))
    assert client.get("/api/presets", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "", "http://127.0.0.1:8081", "https://127.0.0.1:8080", ORIGIN + "/"]
)
def test_a_change_from_another_page_is_refused_whatever_else_it_has(desk: DeskClient, origin: str) -> None:
    answer = desk.post("/api/presets", json=PRESET, headers={"Origin": origin})
    assert (answer.status_code, answer.json()["error"]) == (403, "changes are taken from the desk's own pages only")
    assert desk.get("/api/presets").json() == []


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"])
def test_what_names_no_origin_changes_nothing(desk: DeskClient, method: str) -> None:
    desk.headers.pop("Origin")
    assert desk.request(method, "/api/presets").status_code == 403


def test_another_origin_is_told_by_no_preflight_that_it_may_send_something(desk: DeskClient) -> None:
    asked = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    answer = desk.options("/api/presets", headers=asked)
    assert answer.status_code == 403
    assert not [name for name in answer.headers if name.startswith("access-control")]


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
@pytest.mark.parametrize(
    ("mode", "destination"), [("no-cors", "image"), ("no-cors", "script"), ("cors", "empty"), ("navigate", "iframe")]
)
def test_other_pages_hold_nothing_of_the_desk(desk: DeskClient, site: str, mode: str, destination: str) -> None:
    headers = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": mode, "Sec-Fetch-Dest": destination}
    for address in ("/api/presets", "/words.js", "/search"):
        assert desk.get(address, headers=headers).status_code == 403


def test_other_pages_may_link_to_the_desk(desk: DeskClient) -> None:
    headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    assert desk.get("/search", headers=headers).status_code == 200


@pytest.mark.parametrize("address", ["/search", "/login", "/static/desk.css", "/words.js", "/nothing", "/api/nothing"])
def test_every_answer_says_what_a_browser_may_do_with_it(desk: DeskClient, address: str) -> None:
    for answer in (desk.get(address), desk.get(address, headers={"Host": "evil.example"})):
        policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))
        assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
        assert policy["script-src"] == policy["style-src"] == policy["form-action"] == "'self'"
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
        assert answer.headers["cache-control"] in ("no-store", "no-cache")
        assert "server" not in answer.headers


def test_files_of_the_desk_are_kept_and_asked_after(desk: DeskClient) -> None:
    first = desk.get("/static/desk.css")
    assert first.headers["cache-control"] == "no-cache"
    again = desk.get("/static/desk.css", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    "address",
    ["/static/..%2f..%2fsettings.py", "/static/%2e%2e/settings.py", "/static//etc/passwd", "/static/%00", "/static/"],
)
def test_nothing_outside_of_the_desks_own_files_is_given_as_one(desk: DeskClient, address: str) -> None:
    answer = desk.get(address)
    assert answer.status_code == 404
    assert "dataclass" not in answer.text


@pytest.mark.parametrize("address", ["/search/", "//evil.example/", "/login/"])
def test_nobody_is_sent_on_to_an_address_that_is_not_the_desks(desk: DeskClient, address: str) -> None:
    answer = desk.get(f"{ORIGIN}{address}")
    assert answer.status_code == 404
    assert "location" not in answer.headers


def chunks(size: int) -> Iterator[bytes]:
    """Bytes without a length that is told before."""
    for _ in range(size // 65_536 + 1):
        yield b"x" * 65_536


@pytest.mark.parametrize("address", ["/api/presets", "/api/sign-in", "/api/search", "/nothing"])
def test_more_bytes_than_are_taken_are_refused_with_and_without_a_length(desk: DeskClient, address: str) -> None:
    answers = [
        desk.post(address, content=content, headers={"Content-Type": "application/json"})
        for content in (b"x" * 21_000_000, chunks(21_000_000))
    ]
    for answer in answers[: 1 if address == "/nothing" else 2]:  # whose body nobody reads
        assert answer.status_code == 413
        assert "that is too large" in answer.json()["error"]
        assert answer.headers["x-frame-options"] == "DENY"


@pytest.mark.parametrize("length", ["-1", "1e9", "９９", "9" * 5000, "0x10", " "])
def test_a_length_that_is_none_is_refused(desk: DeskClient, length: str) -> None:
    headers = {b"Content-Length": length.encode(), b"Content-Type": b"application/json"}
    assert desk.post("/api/presets", content=b"{}", headers=headers).status_code == 413


@pytest.fixture
def other_routes(desk: DeskClient) -> DeskClient:
    """With routes that fail as others might."""

    @desk.app.get("/api/fault")  # type: ignore[attr-defined]
    def fault() -> None:
        raise RuntimeError("three buttons and a cuff")

    @desk.app.post("/api/stream")  # type: ignore[attr-defined]
    async def stream(request: Request) -> int:
        return sum([len(piece) async for piece in request.stream()])

    @desk.app.post("/api/gone")  # type: ignore[attr-defined]
    async def gone() -> None:
        raise ClientDisconnect

    return desk


def test_a_body_that_a_route_reads_piece_by_piece_is_counted_too(other_routes: DeskClient) -> None:
    assert other_routes.post("/api/stream", content=chunks(100_000)).json() == 131_072
    assert other_routes.post("/api/stream", content=chunks(300_000)).status_code == 413


def test_a_body_that_comes_too_slowly_is_refused(other_routes: DeskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seamline.desk.guard._BODY_SECONDS", 0.3)
    answer = slow_request(other_routes)
    assert answer == [408]


def slow_request(client: DeskClient) -> list[int]:
    """The status with which a request is answered whose body never ends."""
    import anyio

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/api/stream",
        "raw_path": b"/api/stream",
        "query_string": b"",
        "headers": [(b"host", b"127.0.0.1:8080"), (b"origin", ORIGIN.encode())],
        "client": ("127.0.0.1", 50000),
        "server": ("127.0.0.1", 8080),
        "scheme": "http",
        "http_version": "1.1",
    }
    statuses: list[int] = []

    async def receive() -> dict[str, object]:
        await anyio.sleep(0.1)
        return {"type": "http.request", "body": b"x", "more_body": True}

    async def send(message: dict[str, object]) -> None:
        if message["type"] == "http.response.start":
            statuses.append(int(str(message["status"])))

    async def run() -> None:
        with anyio.fail_after(20):
            await client.app(scope, receive, send)  # type: ignore[arg-type]

    anyio.run(run)
    return statuses


def test_a_fault_is_told_without_what_it_was_and_guarded_as_every_answer(other_routes: DeskClient) -> None:
    with pytest.raises(RuntimeError):  # for the log
        other_routes.get("/api/fault")
    other_routes._transport.raise_server_exceptions = False  # type: ignore[attr-defined]
    answer = other_routes.get("/api/fault")
    assert (answer.status_code, answer.json()) == (500, {"error": "the desk has a fault; its log names it"})
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["cache-control"] == "no-store"


def test_a_request_that_breaks_off_is_no_fault(other_routes: DeskClient) -> None:
    assert other_routes.post("/api/gone").status_code == 400


def test_a_store_that_is_away_is_told_on_a_page(people_desk: DeskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    people_desk.sign_in("lena")

    def away(*_: object) -> None:
        raise Unavailable("the desk's database does not answer")

    monkeypatch.setattr("seamline.desk.store.Store.reading", away)
    answer = people_desk.get("/search")
    assert answer.status_code == 503
    assert "the desk&#39;s database does not answer" in answer.text
    assert people_desk.get("/nothing").status_code == 404


@pytest.mark.parametrize("body", [b"{", b"\xff", b"[" * 100_000, b'{"name": "\xed\xa0\x80"}', b'{"name": "\\ud800"}'])
def test_a_body_that_is_no_json_is_refused_with_a_sentence(desk: DeskClient, body: bytes) -> None:
    answer = desk.post("/api/presets", content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, set(answer.json())) == (400, {"error"})
