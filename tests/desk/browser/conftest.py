"""A real Chromium before a real desk over the real server."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from tests.support.browser import WIDE
from tests.support.desk import live_desk

if TYPE_CHECKING:
    from seamline.local import LocalServer

_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
_FLAGS += ["--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A browser takes its time: all but one way through each page is left to `make test-desk` and `make test-all`."""
    for item in items:
        if item.path.parent == Path(__file__).parent and item.get_closest_marker("smoke") is None:
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium. Of a module only, since Playwright's event loop keeps other tests of the thread from one."""
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("no browser here: apt-get install chromium")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=_FLAGS)
        yield started
        started.close()


@pytest.fixture
def address(catalogue: LocalServer, tmp_path: Path) -> Iterator[str]:
    """Of a new desk, whose work is empty."""
    where = ("--url", str(catalogue.endpoints.grpc), "--milvus", str(catalogue.endpoints.milvus))
    with live_desk(tmp_path / "desk", tmp_path / "home", *where) as opened:
        yield opened


@pytest.fixture
def new_page(browser: Browser, address: str) -> Iterator[Callable[..., Page]]:
    """Opens pages in browsers of their own, as different people have them. A test fails where a page complains: of an
    error, or of something that the Content-Security-Policy refuses."""
    contexts, complaints = [], []

    def listen(message: ConsoleMessage) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:
            complaints.append(message.text)

    def open_page(viewport: dict[str, int] = WIDE, **options: object) -> Page:
        context = browser.new_context(base_url=address, viewport=viewport, **options)  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.on("console", listen)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    """One page at the usual width."""
    return new_page()
