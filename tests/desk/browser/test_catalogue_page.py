"""The catalogue in a real browser: photos are sent and indexed, looked at, and deleted with a receipt."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from tests.desk.browser.waiting import wait_until
from tests.support.browser import NARROW, check_axe, check_fits

if TYPE_CHECKING:
    pass

pytestmark = pytest.mark.server


def sent(page: Page, name: str, photos: list[Path]) -> None:
    """Send photos from the catalogue's page and wait until they are indexed."""
    page.goto("/catalogue")
    page.get_by_label("Collection", exact=True).fill(name)
    page.get_by_label("Seller of all of them").fill("Kite")
    page.locator("#files").set_input_files([str(photo) for photo in photos])
    page.get_by_role("button", name="Index these photos").click()
    expect(page.locator(".job[data-state=done]").first).to_be_visible(timeout=60_000)


def looks_well(page: Page) -> None:
    """At both widths, for everybody."""
    check_axe(page)
    check_fits(page)
    wide = page.viewport_size
    page.set_viewport_size(NARROW)
    check_axe(page)
    check_fits(page)
    assert wide is not None
    page.set_viewport_size(wide)


@pytest.mark.smoke
def test_photos_are_sent_looked_at_and_deleted_with_a_receipt(
    page: Page, new_collection: str, photo_of: Callable[[str], Path], tmp_path: Path
) -> None:
    none = tmp_path / "none.jpg"
    none.write_bytes(b"no photo")
    sent(page, new_collection, [photo_of("A-0003"), photo_of("A-0004"), none])
    expect(page.locator("#chosen .problem")).to_contain_text("not a JPEG, PNG or WebP photo")
    expect(page.get_by_role("progressbar")).to_have_attribute("value", "2")
    expect(page.locator(".job .counts")).to_contain_text("2 of 2 photos")
    looks_well(page)

    page.goto(f"/catalogue/{new_collection}")
    expect(page.locator(".card")).to_have_count(2)
    wait_until(page, "[...document.querySelectorAll('.framed img')].every((image) => image.naturalWidth > 0)")
    looks_well(page)
    page.get_by_label("Item's exact id").fill("garment-0003")
    page.keyboard.press("Enter")
    expect(page.locator(".card")).to_have_count(1)
    page.wait_for_load_state()

    page.get_by_role("button", name="Delete … garment-0003").click()
    confirm = page.get_by_role("button", name="Delete and write a receipt")
    expect(confirm).to_be_disabled()
    page.get_by_label("Write the item's id to confirm").fill("garment-0003")
    check_axe(page)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Receipt of a deletion")).to_be_visible(timeout=30_000)
    expect(page.get_by_text("The desk's own copy was deleted.")).to_be_visible()
    looks_well(page)
    page.get_by_role("button", name="Look up anew").click()
    page.wait_for_load_state()
    with page.expect_download() as download:
        page.get_by_role("link", name="Save as a file").click()
    assert '"garment-0003"' in Path(download.value.path()).read_text(encoding="utf-8")

    page.goto(f"/catalogue/{new_collection}/receipts")
    expect(page.get_by_role("link", name="garment-0003")).to_be_visible()
    looks_well(page)


def test_a_folder_of_the_server_is_refused_with_the_option_that_allows_it(page: Page) -> None:
    page.goto("/catalogue")
    expect(page.get_by_text("--index-below FOLDER")).to_be_visible()
    looks_well(page)
