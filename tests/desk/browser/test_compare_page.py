"""The compare page in a browser: one zoom for two pictures, four views, regions, neighbours, and what is missing."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from seamline.client import to_jsonable
from seamline.core.box_corners import boxes_around
from seamline.desk.application import create_app
from seamline.desk.context import Desk
from seamline.desk.settings import DeskSettings
from seamline.desk.store.models import SearchRecord
from tests.desk.browser.waiting import wait_until
from tests.support.browser import NARROW, WIDE, check_axe, check_fits
from tests.support.desk import live_desk
from tests.support.desk_records import add_search
from tests.support.scenes import SEVEN, turned
from tests.support.wire_server import WireServer

COLLAR, RIGHT_SLEEVE = 0, 4
MIRRORED, GONE, TURNED = 1, 2, 3
DEGREES = 30


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The desk's own folder and, beside it, the indexed photos."""
    made = tmp_path_factory.mktemp("compared")
    (made / "indexed").mkdir()
    return made


@pytest.fixture(scope="module")
def search(base: Path) -> str:
    """The id of a search with four hits: the second was compared mirrored, the photo of the third is gone, the garment
    of the fourth is turned in its photo, as far as the server says."""
    desk: Desk = create_app(DeskSettings(folder=base / "desk")).state.desk
    made = add_search(desk, base / "indexed", (2, 3, 4, 5))
    with desk.store.session() as session:
        record = session.get_one(SearchRecord, made)
        answer = copy.deepcopy(record.answer)
        answer["garments"][0]["hits"][MIRRORED]["mirrored"] = True
        lying = answer["garments"][0]["hits"][TURNED]
        x0, y0, x1, y1 = lying["box"]
        corners = turned(np.array(lying["part_corners"], float), ((x0 + x1) / 2, (y0 + y1) / 2), DEGREES)
        lying |= {"part_corners": to_jsonable(corners), "part_boxes": to_jsonable(boxes_around(corners))}
        record.answer = answer
    (base / "indexed" / "item-4.jpg").unlink()
    desk.store.close()
    return made


@pytest.fixture(scope="module")
def address(search: str, base: Path) -> Iterator[str]:
    """Of a desk with that search; of the server of models it only wants to know whether it is there."""
    with WireServer() as server, live_desk(base / "desk", base / "home", "--url", server.address) as opened:
        yield opened


@pytest.fixture
def opened(page: Page, search: str) -> Page:
    """The page of the first hit, with both pictures."""
    return at_hit(page, search, 0)


def at_hit(page: Page, search: str, hit: int) -> Page:
    """The page of a hit, once its pictures are there."""
    page.goto(f"/compare/search/{search}/0/{hit}")
    wait_until(page, "[...document.querySelectorAll('.layer img')].every((image) => image.naturalWidth > 0)")
    settle(page)
    return page


def settle(page: Page) -> None:
    """Let the frame that was asked for be drawn."""
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def transform(page: Page, side: str) -> list[float]:
    """How a picture lies in its pane: a, b, c, d, e, f of CSS."""
    text = page.locator(f".layer.{side} img").evaluate("(image) => image.style.transform")
    return [float(number) for number in re.findall(r"-?[\d.]+(?:e-?\d+)?", text)]


def place(page: Page, side: str, part: int) -> tuple[float, float]:
    """The middle of a region, as shares of its pane."""
    region = page.locator(f".layer.{side} .region[data-place='{part}'] .line").bounding_box()
    pane = page.locator(f".layer.{side}").bounding_box()
    assert region is not None
    assert pane is not None
    x, y = region["x"] + region["width"] / 2 - pane["x"], region["y"] + region["height"] / 2 - pane["y"]
    return x / pane["width"], y / pane["height"]


def wheel(page: Page, side: str, part: int, times: int = 4) -> None:
    """Zoom in on a region by the wheel."""
    across, down = place(page, side, part)
    pane = page.locator(f".layer.{side}").bounding_box()
    assert pane is not None
    page.mouse.move(pane["x"] + across * pane["width"], pane["y"] + down * pane["height"])
    for _ in range(times):
        page.mouse.wheel(0, -200)
    settle(page)


@pytest.mark.smoke
@pytest.mark.parametrize("side", ["query", "hit"])
def test_zooming_in_on_the_collar_of_one_garment_shows_the_collar_of_the_other(opened: Page, side: str) -> None:
    other = "hit" if side == "query" else "query"
    before = {name: transform(opened, name) for name in (side, other)}
    held = place(opened, side, COLLAR)
    wheel(opened, side, COLLAR)
    after = {name: transform(opened, name) for name in (side, other)}
    grown = [after[name][3] / before[name][3] for name in (side, other)]
    assert grown[0] == pytest.approx(grown[1], rel=1e-4)
    assert grown[0] > 3
    assert place(opened, side, COLLAR) == pytest.approx(held, abs=0.01)
    assert place(opened, other, COLLAR) == pytest.approx(held, abs=0.25)


def test_dragging_moves_both_pictures_and_chooses_no_part(opened: Page) -> None:
    before = {name: place(opened, name, COLLAR) for name in ("query", "hit")}
    pane = opened.locator(".layer.hit").bounding_box()
    assert pane is not None
    opened.mouse.move(pane["x"] + pane["width"] / 2, pane["y"] + pane["height"] / 2)
    opened.mouse.down()
    opened.mouse.move(pane["x"] + pane["width"] / 2 + 40, pane["y"] + pane["height"] / 2 + 30, steps=4)
    opened.mouse.up()
    settle(opened)
    for name in ("query", "hit"):
        after = place(opened, name, COLLAR)
        assert (after[0] - before[name][0]) * pane["width"] == pytest.approx(40, abs=6)
        assert (after[1] - before[name][1]) * pane["height"] == pytest.approx(30, abs=6)
    assert opened.locator("[data-parts] button[aria-pressed='true']").count() == 0


def test_keys_zoom_move_and_show_the_garments_whole_again(opened: Page) -> None:
    whole = transform(opened, "query")
    opened.keyboard.press("+")
    settle(opened)
    nearer = transform(opened, "query")
    assert nearer[0] > whole[0]
    opened.keyboard.press("Shift+ArrowDown")
    settle(opened)
    assert transform(opened, "query")[5] < nearer[5]
    opened.keyboard.press("0")
    settle(opened)
    assert transform(opened, "query") == pytest.approx(whole)


@pytest.mark.smoke
def test_keys_switch_the_views_and_the_regions(opened: Page) -> None:
    view = opened.locator("[data-view]")
    for key, mode in (("w", "wipe"), ("f", "flicker"), ("m", "map"), ("s", "side")):
        opened.keyboard.press(key)
        expect(view).to_have_attribute("data-mode", mode)
        expect(opened.locator(f"[data-mode='{mode}'][aria-pressed='true']")).to_be_visible()
    opened.keyboard.press("m")
    opened.keyboard.press("m")
    expect(view).to_have_attribute("data-mode", "side")
    label = opened.locator(".layer.query .label").first
    expect(label).to_be_visible()
    opened.keyboard.press("r")
    expect(label).to_be_hidden()


def test_a_key_of_the_view_brings_the_pictures_back_into_sight(opened: Page) -> None:
    opened.get_by_text("Technical").click()
    opened.locator("[data-versions]").scroll_into_view_if_needed()
    opened.evaluate("scrollTo(0, document.body.scrollHeight)")
    stage = opened.locator(".stage")
    expect(stage).not_to_be_in_viewport(ratio=0.5)
    opened.keyboard.press("m")
    expect(stage).to_be_in_viewport(ratio=0.95)


def test_paths_of_the_server_are_among_the_technical_facts_only(opened: Page) -> None:
    expect(opened.locator("[data-facts]")).not_to_contain_text("indexed/item-2.jpg")
    expect(opened.get_by_text("indexed/item-2.jpg")).to_be_hidden()
    opened.get_by_text("Technical").click()
    expect(opened.get_by_text("indexed/item-2.jpg")).to_be_visible()


def test_the_captions_say_whose_photo_is_whose(opened: Page) -> None:
    expect(opened.locator(".layer.query figcaption")).to_have_text("Your photo")
    expect(opened.locator(".layer.hit figcaption")).to_have_text("Hit 1: A-0002")


def test_a_mirrored_hit_is_shown_flipped_and_says_so(page: Page, search: str) -> None:
    at_hit(page, search, MIRRORED)
    assert transform(page, "hit")[0] < 0 < transform(page, "query")[0]
    expect(page.locator(".layer.hit figcaption")).to_contain_text("shown mirrored")
    left_sleeve = page.locator(".layer.hit .region[data-place='3']")
    assert "right" in str(left_sleeve.get_attribute("aria-label"))


def outline(page: Page, side: str, part: int) -> np.ndarray:
    """The corners (4, 2) of a region in pixels of its pane."""
    points = page.locator(f".layer.{side} .region[data-place='{part}'] .line").get_attribute("points")
    return np.array([pair.split(",") for pair in str(points).split()], float)


def slant(page: Page, side: str, part: int) -> float:
    """Degrees by which a region's upper edge is turned."""
    (x0, y0), (x1, y1) = outline(page, side, part)[:2]
    return float(np.degrees(np.arctan2(y1 - y0, x1 - x0)))


def test_regions_are_drawn_as_the_garment_is_turned_and_upright_where_it_lies_over_an_upright_one(
    page: Page, search: str
) -> None:
    at_hit(page, search, TURNED)
    assert [slant(page, "query", part) for part in range(5)] == pytest.approx([0] * 5, abs=0.5)
    assert [slant(page, "hit", part) for part in range(5)] == pytest.approx([DEGREES] * 5, abs=0.5)
    page.keyboard.press("w")
    settle(page)
    assert [slant(page, "hit", part) for part in range(5)] == pytest.approx([0] * 5, abs=0.5)


def test_the_flicker_swaps_by_itself_and_stops_at_a_step_by_hand(opened: Page) -> None:
    opened.keyboard.press("f")
    view = opened.locator("[data-view]")
    expect(view).to_have_class(re.compile(r"\bswapped\b"))
    expect(view).not_to_have_class(re.compile(r"\bswapped\b"))
    run = opened.get_by_role("button", name="Run")
    expect(run).to_have_attribute("aria-pressed", "true")
    opened.keyboard.press(" ")
    expect(run).to_have_attribute("aria-pressed", "false")


def test_with_reduced_motion_the_flicker_goes_by_hand_only(new_page: Callable[..., Page], search: str) -> None:
    page = at_hit(new_page(reduced_motion="reduce"), search, 0)
    page.get_by_role("button", name="Flicker").click()
    expect(page.get_by_role("button", name="Run")).to_have_attribute("aria-pressed", "false")
    expect(page.locator(".layer.query")).to_be_visible()
    expect(page.locator(".layer.hit")).to_be_hidden()
    page.keyboard.press(" ")
    expect(page.locator(".layer.hit")).to_be_visible()
    expect(page.locator(".layer.query")).to_be_hidden()


def test_the_slider_is_moved_by_keys_and_by_dragging_and_stays_in_its_pair(opened: Page) -> None:
    opened.keyboard.press("w")
    slider = opened.get_by_role("slider")
    slider.focus()
    opened.keyboard.press("ArrowRight")
    expect(slider).to_have_attribute("aria-valuenow", "52")
    opened.keyboard.press("Home")
    expect(slider).to_have_attribute("aria-valuenow", "0")
    stage, grip = opened.locator(".stage").bounding_box(), slider.bounding_box()
    assert stage is not None
    assert grip is not None
    before = transform(opened, "query")
    opened.mouse.move(grip["x"] + grip["width"] * 0.75, grip["y"] + 200)
    opened.mouse.down()
    opened.mouse.move(stage["x"] + stage["width"] * 0.25, grip["y"] + 200)
    opened.mouse.up()
    expect(slider).to_have_attribute("aria-valuenow", "25")
    assert transform(opened, "query") == before
    assert opened.url.endswith("/0/0")


def test_a_region_stands_out_in_both_pictures_and_in_the_list_with_what_it_means(opened: Page) -> None:
    opened.locator(".layer.query .region[data-place='2']").hover(force=True)
    chosen = [opened.locator(f".layer.{side} .label.chosen") for side in ("query", "hit")]
    for label in chosen:
        expect(label).to_contain_text("0.42")
    expect(opened.locator("tr.chosen")).to_have_count(1)
    expect(opened.locator(".said")).to_contain_text(
        re.compile("changed, less alike .* \\(similarity 0.42, threshold 0.70\\)")
    )
    opened.locator("[data-parts] button").first.focus()
    expect(opened.locator(".said")).to_contain_text(re.compile("kept, alike as a whole .* may still differ"))
    opened.locator("[data-parts] button").nth(RIGHT_SLEEVE).focus()
    expect(opened.locator(".said")).to_contain_text("not visible in both photos, so not compared.")


def test_parts_of_the_whole_are_listed_without_a_box_and_it_is_said_where_they_decide(opened: Page) -> None:
    expect(opened.locator("[data-parts] button")).to_have_count(len(SEVEN))
    expect(opened.locator("[data-parts] button").last).to_contain_text("details of the whole")
    for name in ("query", "hit"):
        expect(opened.locator(f".layer.{name} .region")).to_have_count(len(SEVEN.regions))
    expect(opened.locator("[data-whole]")).to_contain_text("need neither landmarks nor category")
    expect(opened.locator("[data-whole]")).to_contain_text("the probability rests on them")


def test_regions_are_reached_and_chosen_by_keys(opened: Page) -> None:
    opened.locator(".layer.query .region[tabindex='0']").focus()
    opened.keyboard.press("ArrowRight")
    opened.keyboard.press("Enter")
    expect(opened.locator("[data-parts] button[aria-pressed='true']")).to_have_count(1)
    expect(opened.locator("tr.chosen button")).to_have_attribute("aria-pressed", "true")
    assert opened.url.endswith("/0/0")


def test_arrow_keys_go_through_the_hits_in_the_same_view_at_the_same_zoom(opened: Page) -> None:
    visited = opened.evaluate("history.length")
    opened.keyboard.press("m")
    wheel(opened, "query", COLLAR)
    before = transform(opened, "query")
    opened.keyboard.press("ArrowRight")
    opened.wait_for_url("**/0/1")
    expect(opened.locator("[data-position]")).to_have_text("2 of 4")
    expect(opened.locator("[data-view]")).to_have_attribute("data-mode", "map")
    settle(opened)
    assert transform(opened, "query") == pytest.approx(before)
    assert opened.evaluate("history.length") == visited
    opened.get_by_role("button", name="Previous pair").click()
    opened.wait_for_url("**/0/0")
    expect(opened.get_by_role("button", name="Previous pair")).to_be_disabled()


def test_the_pictures_beside_are_there_before_they_are_asked_for(opened: Page) -> None:
    asked = "performance.getEntriesByType('resource').map((entry) => entry.name)"
    wait_until(opened, f"{asked}.some((name) => name.endsWith('/0/1/photo?size=large'))")


def test_without_a_photo_all_the_rest_is_there(page: Page, search: str) -> None:
    page.goto(f"/compare/search/{search}/0/{GONE}")
    expect(page.locator(".layer.hit .missing")).to_contain_text("not where it was when it was indexed")
    expect(page.locator(".layer.hit .region")).to_have_count(5)
    expect(page.locator("[data-facts]")).to_contain_text("The photo is not where it was when it was indexed.")
    page.keyboard.press("w")
    expect(page.get_by_role("slider")).to_be_visible()


def test_a_pair_is_added_to_a_new_case_and_another_one_to_the_same(opened: Page) -> None:
    opened.keyboard.press("c")
    dialog = opened.get_by_role("dialog", name="Add to a case")
    dialog.get_by_label("Title of the new case").fill("Blue blouse")
    dialog.get_by_role("button", name="Add").click()
    expect(opened.locator("#banner")).to_contain_text("Added to the case “Blue blouse”.")
    opened.keyboard.press("ArrowRight")
    opened.wait_for_url("**/0/1")
    opened.get_by_role("button", name="Add to a case").click()
    expect(dialog.get_by_role("combobox").locator("option:checked")).to_have_text("Blue blouse")
    dialog.get_by_role("button", name="Add").click()
    expect(opened.locator("#banner")).to_contain_text("Added to the case “Blue blouse”.")


def test_two_fingers_zoom_at_their_middle(new_page: Callable[..., Page], search: str) -> None:
    page = at_hit(new_page(NARROW, has_touch=True), search, 0)
    before = transform(page, "query")
    pane = page.locator(".layer.query").bounding_box()
    assert pane is not None
    middle = pane["x"] + pane["width"] / 2, pane["y"] + pane["height"] / 2
    fingers = page.context.new_cdp_session(page)
    for kind, apart in (("touchStart", 20), ("touchMove", 30), ("touchMove", 60), ("touchEnd", 0)):
        points = [{"x": middle[0] + way * apart, "y": middle[1], "id": way} for way in (-1, 1)] if apart else []
        fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    settle(page)
    assert transform(page, "query")[0] / before[0] == pytest.approx(3, rel=0.15)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
def test_every_view_fits_and_keeps_nobody_out(
    new_page: Callable[..., Page], search: str, viewport: dict[str, int], scheme: str
) -> None:
    page = at_hit(new_page(viewport, color_scheme=scheme, reduced_motion="reduce"), search, MIRRORED)
    for key in "sfwm":
        page.keyboard.press(key)
        settle(page)
        check_fits(page)
        check_axe(page)
    page.keyboard.press("c")
    expect(page.get_by_role("dialog", name="Add to a case")).to_be_visible()
    check_axe(page)
