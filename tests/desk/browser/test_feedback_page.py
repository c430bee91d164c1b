"""Feedback in a real browser: it keeps nobody out, and a lead sets the threshold that it proposes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from seamline.desk.settings import DeskSettings
from tests.support.browser import NARROW, WIDE, check_axe, check_fits
from tests.support.desk import desk_client, live_desk
from tests.support.desk_records import add_suspect, add_verdict


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """Of a desk with twelve verdicts, whose server of models is away."""
    with desk_client(DeskSettings(folder=tmp_path / "desk", server="127.0.0.1:9")) as client:
        for seed in range(2, 14):
            is_copy = seed > 3
            suspect = add_suspect(client.desk, tmp_path, seed, 0.95 if is_copy else 0.55, original=f"A-{seed}")
            add_verdict(client.desk, suspect, "copy" if is_copy else "not_copy")
    with live_desk(tmp_path / "desk", tmp_path / "home", "--url", "127.0.0.1:9") as opened:
        yield opened


def test_a_lead_sets_the_proposed_threshold(new_page: Callable[..., Page]) -> None:
    for viewport in (WIDE, NARROW):
        page = new_page(viewport)
        page.goto("/feedback")
        page.wait_for_load_state("networkidle")
        check_axe(page)
        check_fits(page)
    page.get_by_role("button", name="Set").click()
    expect(page.locator("[data-now]")).to_have_text("56 %")
    page.reload()
    expect(page.locator("[data-now]")).to_have_text("56 %")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download CSV").click()
    assert download.value.suggested_filename == "verdicts.csv"
