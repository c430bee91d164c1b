"""Every page in German: no text is English that a translator knows, and nothing is wider than a phone."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from babel.messages.pofile import read_po
from playwright.sync_api import Page, expect

import seamline.desk
from seamline.desk.languages import LANGUAGE_COOKIE
from seamline.desk.settings import DeskSettings
from tests.support.browser import NARROW, WIDE, check_axe, check_fits
from tests.support.desk import desk_client
from tests.support.desk_records import add_search, add_suspect, add_verdict

if TYPE_CHECKING:
    pass

pytestmark = pytest.mark.server

SOON = 60_000
_GERMAN = Path(seamline.desk.__file__).parent / "locale" / "de" / "desk.po"
_TEXTS = """() => {
    const texts = ["title", "alt", "placeholder", "aria-label", "aria-valuetext"].flatMap((name) =>
        [...document.querySelectorAll(`[${name}]`)].map((one) => one.getAttribute(name)));
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const { data, parentElement } = walker.currentNode;
        if (!parentElement.closest("script, textarea")) texts.push(data);
    }
    return [document.title, ...texts].map((text) => text.trim().replace(/\\s+/g, " ")).filter(Boolean);
}"""


@pytest.fixture(scope="module")
def english() -> re.Pattern[str]:
    """What each text is in English that is another one in German."""
    with _GERMAN.open("rb") as file:
        rows = [row for row in read_po(file) if row.id]
    spoken = [(row.id, row.string) if isinstance(row.id, tuple) else ((row.id,), (str(row.string),)) for row in rows]
    pairs = [pair for texts in spoken for pair in zip(*texts, strict=True)]
    ours = {one for one, other in pairs if one != other} - {other for _, other in pairs}
    return re.compile("|".join(re.sub(r"\\{\w+\\}", ".+", re.escape(text)) for text in ours))


@pytest.fixture
def german(new_page: Callable[..., Page], address: str) -> Page:
    """A browser whose person has chosen German."""
    page = new_page()
    page.context.add_cookies([{"name": LANGUAGE_COOKIE, "value": "de", "url": address}])
    return page


@pytest.fixture
def speaks(german: Page, english: re.Pattern[str]) -> Callable[..., None]:
    """Looks at the page that is open, of which `but` may be English."""

    def look(but: str = "") -> None:
        assert german.locator("html").get_attribute("lang") == "de"
        assert [text for text in german.evaluate(_TEXTS) if english.fullmatch(text) and text != but] == []
        german.set_viewport_size(NARROW)
        check_fits(german)
        check_axe(german)
        german.set_viewport_size(WIDE)

    return look


def test_searching_and_comparing_speak_german(
    german: Page, speaks: Callable[..., None], photo_of: Callable[[str], Path]
) -> None:
    german.goto("/search")
    german.get_by_label("Sammlung").select_option("originals")
    speaks()
    german.set_input_files("#files", photo_of("A-0000"))  # one of the originals, so that the first hit is a copy
    expect(german.locator("#cards .card").first).to_be_visible(timeout=SOON)
    for mode in ("Rahmen korrigieren", "Messpunkte"):
        german.get_by_role("button", name=mode, exact=True).click()
    speaks()
    german.locator("#cards a").first.click()
    for view in ("Wechsel", "Schieber", "Karte"):
        german.get_by_role("button", name=view).click()
    expect(german.locator("[data-score]")).to_have_text(re.compile(r"^\d+,\d\d$"))
    german.locator("[data-keys-help]").click()
    stated = " ".join((german.locator("[data-versions]").text_content() or "").split())
    speaks(but=stated)  # as the server wrote it
    german.goto("/no-such-page")
    speaks(but="there is no such page")
    german.goto("/login")
    speaks()


@pytest.mark.smoke
def test_the_queue_and_what_was_judged_speak_german(german: Page, speaks: Callable[..., None], tmp_path: Path) -> None:
    with desk_client(DeskSettings(folder=tmp_path / "desk", server="127.0.0.1:9")) as client:
        for number in range(3):
            suspect = add_suspect(client.desk, tmp_path, 2 + number, listing=f"L-{number}")
        for verdict in ("copy", "not_copy"):
            add_verdict(client.desk, suspect, verdict)
    german.goto("/queue")
    expect(german.locator("[data-facts] .bars")).to_be_visible()
    german.locator("[data-watching] summary").click()
    german.keyboard.press("n")
    speaks()
    german.get_by_role("button", name="Unsicher", exact=True).click()
    expect(german.locator("[data-figure=unsure]")).to_have_text("1")
    german.get_by_role("link", name="Diesen Stapel zusammenfassen").click()
    expect(german.get_by_role("button", name="Stapel abschließen")).to_be_visible()
    speaks()
    german.goto("/queue")
    german.get_by_role("link", name="Paare für einen zweiten Blick").click()
    expect(german.get_by_role("button", name="Zurück in die Warteschlange")).to_be_visible()
    speaks()
    german.goto("/feedback")
    speaks()


def test_cases_speak_german(german: Page, speaks: Callable[..., None], tmp_path: Path) -> None:
    with desk_client(DeskSettings(folder=tmp_path / "desk", server="127.0.0.1:9")) as client:
        client.load()
        search = add_search(client.desk, tmp_path)
        opened = client.change("/api/cases", {"title": "Bluse", "reference": "", "collection": "originals"})["id"]
        client.change("/api/cases/pairs", {"search": search, "garment": 0, "hit": 0, "case": opened})
    german.goto("/cases")
    german.get_by_role("button", name="Neuer Fall").click()
    speaks()
    german.goto(f"/cases/{opened}")
    german.get_by_role("button", name="keine Kopie").click()
    expect(german.locator("#log li").first).to_contain_text("hat Paar 1 beurteilt: keine Kopie")
    speaks()


def test_the_catalogue_and_its_receipts_speak_german(
    german: Page, speaks: Callable[..., None], new_collection: str, photo_of: Callable[[str], Path]
) -> None:
    german.goto("/catalogue")
    german.locator("#collection").fill(new_collection)
    german.set_input_files("#files", [photo_of("A-0003"), photo_of("A-0004")])
    german.get_by_role("button", name="Diese Fotos indexieren").click()
    expect(german.locator(".job[data-state=done]")).to_be_visible(timeout=SOON)
    speaks()
    german.goto(f"/catalogue/{new_collection}")
    german.locator("[data-delete]").first.click()
    german.locator("#typed").fill(german.locator("[data-delete]").first.get_attribute("data-delete") or "")
    speaks()
    german.keyboard.press("Enter")
    expect(german.get_by_role("heading", name="Löschbeleg")).to_be_visible(timeout=SOON)
    speaks()
    german.goto(f"/catalogue/{new_collection}/receipts")
    speaks()
