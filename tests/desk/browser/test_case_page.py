"""A case in a real browser: from an empty one to a file that verifies, and one that was tampered with and does not."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from seamline.desk.settings import DeskSettings
from tests.support.browser import NARROW, check_axe, check_fits
from tests.support.desk import desk_client, live_desk
from tests.support.desk_records import ORIGINALS, add_search, add_suspect, add_verdict

SCRIPT = '<img src=x onerror="document.title = 1"><script>document.title = 2</script>'


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """Of a desk whose server of models is away, which work on cases does without."""
    with live_desk(tmp_path / "desk", tmp_path / "home", "--url", "127.0.0.1:9", "--name", "Jane Analyst") as opened:
        yield opened


@pytest.fixture
def search(address: str, tmp_path: Path) -> str:
    """A search in the store of the desk that the browser looks at."""
    with desk_client(DeskSettings(folder=tmp_path / "desk", server="127.0.0.1:9")) as client:
        return add_search(client.desk, tmp_path, (2, 3))


def open_case(page: Page) -> None:
    page.goto("/cases")
    page.keyboard.press("n")
    page.get_by_label("Title", exact=True).fill("Blue blouse")
    page.get_by_label("Reference (as you number it").fill("A/17")
    page.get_by_label("Collection whose garments").fill(ORIGINALS)
    page.get_by_role("button", name="Open the case").click()
    page.wait_for_url("**/cases/*")


def add_hit(page: Page, search: str, hit: int) -> None:
    """As the page of a search does."""
    page.evaluate(
        """async ([search, hit]) => {
            const { send } = await import("/static/api.js");
            await send("/api/cases/pairs", { search, garment: 0, hit, case: location.pathname.split("/").at(-1) });
        }""",
        [search, hit],
    )
    page.reload()


def seamline(*arguments: str) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("seamline")
    return subprocess.run([str(program), *arguments], capture_output=True, text=True, check=False)


@pytest.mark.smoke
def test_a_case_goes_from_a_hit_to_a_file_that_verifies(page: Page, search: str, tmp_path: Path) -> None:
    open_case(page)
    add_hit(page, search, 0)
    page.keyboard.press("j")
    page.keyboard.press("c")
    expect(page.get_by_text("judged copy by Jane Analyst")).to_be_visible()
    note = page.get_by_label("Note")
    note.fill(SCRIPT)
    page.get_by_role("button", name="Save the note").click()
    expect(page.locator(".note .state")).to_have_text("Saved.")
    page.get_by_role("button", name="Save the notice").click()
    expect(page.locator("#log")).to_contain_text("wrote the notice")
    page.reload()
    expect(note).to_have_value(SCRIPT)
    assert "Blue blouse" in page.title()
    with page.expect_download() as download:
        page.get_by_role("button", name="Export as ZIP").click()
    file = tmp_path / download.value.suggested_filename
    assert file.name == "case-A-17.zip"
    download.value.save_as(file)
    head = page.locator("#head").inner_text()
    expect(page.locator("#log li").first).to_contain_text("exported the case")
    assert seamline("case", "verify", str(file), "--head", head).returncode == 0
    refused = seamline("case", "verify", str(tampered(file)))
    assert refused.returncode != 0
    assert "log.jsonl was altered" in refused.stdout + refused.stderr


def tampered(file: Path) -> Path:
    """The same file with another verdict in its log."""
    changed = file.with_name("tampered.zip")
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(changed, "w") as new:
        for entry in old.infolist():
            data = old.read(entry)
            new.writestr(entry, data.replace(b'"verdict":"copy"', b'"verdict":"not_copy"'))
    return changed


def test_the_second_of_two_tabs_keeps_its_text_and_sees_the_others(page: Page, search: str) -> None:
    open_case(page)
    add_hit(page, search, 0)
    other = page.context.new_page()
    other.goto(page.url)
    page.get_by_label("Note").fill("from the first tab")
    page.get_by_role("button", name="Save the note").click()
    expect(page.locator(".note .state")).to_have_text("Saved.")
    other.get_by_label("Note").fill("from the second tab")
    other.get_by_role("button", name="Save the note").click()
    expect(other.get_by_role("alert")).to_contain_text("Jane Analyst has changed the note")
    expect(other.locator(".theirs pre")).to_have_text("from the first tab")
    expect(other.get_by_label("Note")).to_have_value("from the second tab")
    check_axe(other)
    other.get_by_role("button", name="Keep mine").click()
    other.get_by_role("button", name="Save the note").click()
    expect(other.locator(".note .state")).to_have_text("Saved.")
    page.reload()
    expect(page.get_by_label("Note")).to_have_value("from the second tab")


def test_a_pair_is_removed_after_a_question_and_a_closed_case_takes_no_change(page: Page, search: str) -> None:
    open_case(page)
    add_hit(page, search, 0)
    add_hit(page, search, 1)
    page.get_by_role("button", name="Remove…").first.click()
    page.get_by_role("button", name="Remove", exact=True).click()
    expect(page.locator("[data-pair]")).to_have_count(1)
    expect(page.locator("#log li").first).to_contain_text("removed pair 1")
    page.get_by_role("button", name="Close the case").click()
    expect(page.get_by_role("button", name="Open it again")).to_be_visible()
    page.wait_for_load_state()
    assert page.get_by_label("Note").get_attribute("readonly") is not None
    page.get_by_role("button", name="Open it again").click()
    expect(page.get_by_role("button", name="Close the case")).to_be_visible()


def test_the_notice_is_filled_in_anew_when_asked(page: Page, search: str) -> None:
    open_case(page)
    notice = page.get_by_label("Text that goes with the case")
    assert "no pair of garments" in notice.input_value()
    add_hit(page, search, 0)
    notice.fill("my own words")
    page.get_by_role("button", name="Save the notice").click()
    expect(page.locator("[data-field=notice] .state")).to_have_text("Saved.")
    anew = page.get_by_role("button", name="Fill in anew").first
    place = anew.bounding_box()
    anew.click()
    expect(notice).not_to_have_value("my own words")
    assert "upload.jpg and A-0002" in notice.input_value()
    assert anew.bounding_box() == place
    page.get_by_role("button", name="Back to the saved text").click()
    expect(notice).to_have_value("my own words")


def test_a_notice_that_was_edited_is_replaced_only_after_a_question(page: Page, search: str) -> None:
    open_case(page)
    add_hit(page, search, 0)
    notice = page.get_by_label("Text that goes with the case")
    notice.fill("an hour of work")
    page.get_by_role("button", name="Fill in anew").click()
    page.get_by_role("dialog").get_by_role("button", name="Back").click()
    expect(notice).to_have_value("an hour of work")
    page.get_by_role("button", name="Fill in anew").click()
    check_axe(page)
    page.get_by_role("dialog").get_by_role("button", name="Fill in anew").click()
    expect(notice).not_to_have_value("an hour of work")


def test_a_verdict_of_the_queue_is_taken_over_with_one_button(page: Page, search: str, tmp_path: Path) -> None:
    with desk_client(DeskSettings(folder=tmp_path / "desk", server="127.0.0.1:9")) as client:
        add_verdict(client.desk, add_suspect(client.desk, tmp_path), "copy", owner="local", note="same collar")
    open_case(page)
    add_hit(page, search, 0)
    expect(page.get_by_text("In the queue it was judged copy by Jane Analyst")).to_be_visible()
    page.get_by_role("button", name="Take this verdict over").click()
    expect(page.get_by_text("judged copy by Jane Analyst", exact=False).first).to_be_visible()
    expect(page.get_by_role("button", name="Take this verdict over")).to_have_count(0)
    expect(page.get_by_label("Note")).to_have_value("same collar")
    expect(page.locator("#log li").first).to_contain_text("took over the verdict of the queue on pair 1")


@pytest.mark.parametrize("narrow", [False, True])
def test_lists_and_cases_keep_nobody_out(new_page: Callable[..., Page], search: str, narrow: bool) -> None:
    page = new_page(NARROW) if narrow else new_page()
    open_case(page)
    add_hit(page, search, 0)
    for address in (page.url, "/cases"):
        page.goto(address)
        page.wait_for_load_state("networkidle")
        check_axe(page)
        check_fits(page)
