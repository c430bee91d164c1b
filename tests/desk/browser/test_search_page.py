"""The search page in a real browser: photos come in every way, are put right by hand, and hits are weighed."""

from __future__ import annotations

import base64
import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from seamline.core.parts import WHOLE_NAMES
from seamline.ranking.weighted import weighted_score
from seamline.systems.psnet_lite.spec import PART_NAMES
from tests.support.browser import NARROW, check_axe, check_fits
from tests.support.desk_records import photo

HOSTILE = "<script>document.title='mine'<&.jpg"
SOON = 30_000
PARTS = PART_NAMES
USUAL = "best 3 parts or the whole"

_GIVE = """([kind, files]) => {
    const data = new DataTransfer();
    for (const [name, text] of files)
        data.items.add(new File([Uint8Array.from(atob(text), (c) => c.charCodeAt(0))], name, { type: "image/jpeg" }));
    if (kind === "paste") document.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true }));
    else for (const name of ["dragover", "drop"])
        document.body.dispatchEvent(new DragEvent(name, { dataTransfer: data, bubbles: true, cancelable: true }));
}"""


@pytest.fixture
def original(drawn: tuple[Path, Path]) -> Path:
    """The photo of the first original."""
    with drawn[0].open(newline="", encoding="utf-8") as file:
        return drawn[0].parent / next(csv.DictReader(file))["photo"]


def item_of(file: Path) -> str:
    """The item of an original's photo."""
    return f"A-{file.stem.split('-')[1]}"


def give(page: Page, kind: str, **files: bytes) -> None:
    """Drop or paste files, as a hand does."""
    page.evaluate(_GIVE, [kind, [[name, base64.b64encode(data).decode()] for name, data in files.items()]])


def cards(page: Page) -> Locator:
    return page.locator("#cards .card")


def items(page: Page) -> list[str]:
    return [str(item) for item in cards(page).evaluate_all("cards => cards.map((card) => card.dataset.item)")]


def answer(page: Page) -> dict[str, Any]:
    """The search that the address names."""
    found: dict[str, Any] = page.request.get(f"/api/search/{page.url.split('/')[-1].split('?')[0]}").json()
    return found


def search(page: Page, file: Path, top_k: int = 20) -> dict[str, Any]:
    """Search a photo among the originals."""
    page.goto("/search")
    page.get_by_label("Collection").select_option("originals")
    page.get_by_label("Hits for each garment").select_option(str(top_k))
    page.set_input_files("#files", file)
    expect(cards(page).first).to_be_visible(timeout=SOON)
    page.wait_for_url("**/search/*")
    return answer(page)


def search_again(page: Page, button: str) -> dict[str, Any]:
    """Press a button that searches; the new answer."""
    before = page.url
    page.get_by_role("button", name=button, exact=True).click()
    page.wait_for_function("before => location.href !== before", arg=before, timeout=SOON)
    expect(page.locator("#hits")).to_have_attribute("aria-busy", "false")
    return answer(page)


def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    """With the mouse, in pixels of the screen."""
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
    page.mouse.move(*end)
    page.mouse.up()


def on_screen(page: Page, x: float, y: float) -> tuple[float, float]:
    """Where a pixel of the photo is shown."""
    page.locator("#overlay").scroll_into_view_if_needed()
    place = page.evaluate(
        """([x, y]) => {
            const point = new DOMPoint(x, y).matrixTransform(document.getElementById("overlay").getScreenCTM());
            return [point.x, point.y];
        }""",
        [x, y],
    )
    return place[0], place[1]


@pytest.mark.smoke
def test_a_dropped_photo_is_searched_and_is_its_own_first_hit(page: Page, original: Path) -> None:
    page.goto("/search")
    page.get_by_label("Collection").select_option("originals")
    give(page, "drop", **{"blouse.jpg": original.read_bytes()})
    expect(cards(page).first).to_contain_text(item_of(original), timeout=SOON)
    expect(cards(page).first).to_contain_text("%")
    expect(page.locator("#count")).to_have_text(f"20 hits, by {USUAL}")
    expect(page.locator("#overlay .garment")).not_to_have_count(0)
    expect(page.locator("#file-name")).to_have_text("blouse.jpg")
    assert cards(page).first.locator("a").get_attribute("href") == f"/compare/search/{answer(page)['id']}/0/0"


def test_a_pasted_photo_is_searched(page: Page, original: Path) -> None:
    page.goto("/search")
    give(page, "paste", **{"image.png": original.read_bytes()})
    expect(cards(page).first).to_be_visible(timeout=SOON)


def test_reload_and_back_show_what_was_answered(page: Page, original: Path) -> None:
    first = search(page, original)
    shown = items(page)
    give(page, "drop", **{"other.jpg": photo(7)})
    page.wait_for_function("id => !location.pathname.endsWith(id)", arg=first["id"], timeout=SOON)
    page.go_back()
    page.wait_for_url(f"**/search/{first['id']}")
    expect(cards(page).first).to_have_attribute("data-item", shown[0])
    page.reload()
    expect(cards(page)).to_have_count(len(shown))
    assert items(page) == shown
    page.goto("/search")
    expect(page.locator(".recent a").last).to_have_attribute("href", f"/search/{first['id']}")


def test_several_photos_are_listed_each_with_its_state(page: Page, original: Path) -> None:
    page.goto("/search")
    page.get_by_label("Collection").select_option("originals")
    data = original.read_bytes()
    give(page, "drop", **{"one.jpg": data, "two.jpg": photo(7), "notes.txt": b"no photo", HOSTILE: photo(8)})
    lines = page.locator("#batch li")
    expect(lines).to_have_count(4)
    expect(lines.nth(2)).to_contain_text("not a", timeout=SOON)
    expect(lines.nth(2).get_by_role("button")).to_contain_text("Try again")
    expect(lines.nth(3)).to_contain_text("hits", timeout=SOON)
    expect(lines.nth(3)).to_contain_text(HOSTILE)
    lines.nth(3).get_by_role("button").click()
    expect(page.locator("#file-name")).to_have_text(HOSTILE)
    assert page.title() == f"{HOSTILE} · seamline"
    page.reload()
    expect(page.locator("#file-name")).to_have_text(HOSTILE)
    page.goto("/search")
    expect(page.locator(".recent")).to_contain_text(HOSTILE)


def test_a_box_is_drawn_and_searched(page: Page, original: Path) -> None:
    search(page, original)
    page.keyboard.press("b")
    page.keyboard.press("0")
    drag(page, on_screen(page, 60, 60), on_screen(page, 300, 330))
    found = search_again(page, "Search as corrected")
    assert len(found["garments"]) == 1
    assert found["options"]["box"] == pytest.approx([60, 60, 300, 330], abs=3)
    page.get_by_role("link", name="All garments of this photo").click()
    expect(page.locator("#whole")).to_be_hidden()


def test_a_box_is_moved_and_resized_with_the_keyboard(page: Page, original: Path) -> None:
    before = search(page, original)["garments"][0]["box"]
    page.keyboard.press("b")
    for _ in range(4):
        page.keyboard.press("ArrowLeft")
    for _ in range(3):
        page.keyboard.press("Shift+ArrowUp")
    after = search_again(page, "Search as corrected")["options"]["box"]
    assert after[0] < before[0]
    assert after[1] == pytest.approx(before[1], abs=0.01)
    assert after[2] - after[0] == pytest.approx(before[2] - before[0], abs=0.01)
    assert after[3] < before[3]


def test_a_photo_without_a_garment_takes_a_box_from_the_keyboard_alone(page: Page, tmp_path: Path) -> None:
    from PIL import Image

    Image.new("RGB", (400, 400), "white").save(tmp_path / "plain.png")
    page.goto("/search")
    page.get_by_label("Collection").select_option("originals")
    page.set_input_files("#files", tmp_path / "plain.png")
    expect(page.locator("#warnings")).to_have_text("No garment was found in this photo.", timeout=SOON)
    page.keyboard.press("b")
    found = search_again(page, "Search as corrected")
    assert found["options"]["box"] == [100, 100, 300, 300]


@pytest.mark.smoke
def test_a_dragged_landmark_is_searched_and_the_regions_follow(page: Page, original: Path) -> None:
    before = search(page, original)
    names, garment = before["versions"]["landmarks"], before["garments"][0]
    place = max(range(len(names)), key=lambda one: garment["landmarks"][one][2])
    x, y, _ = garment["landmarks"][place]
    page.keyboard.press("l")
    drag(page, on_screen(page, x, y), on_screen(page, x + 40, y - 25))
    expect(page.locator("#said")).to_contain_text(names[place].replace("_", " "))
    found = search_again(page, "Search as corrected")
    sent = found["options"]["landmarks"][0]
    assert sent[place] == pytest.approx([x + 40, y - 25, 1], abs=3)
    assert [row for at, row in enumerate(sent) if at != place] == [
        row for at, row in enumerate(garment["landmarks"]) if at != place
    ]
    assert found["garments"][0]["part_boxes"] != garment["part_boxes"]


def test_a_landmark_is_moved_and_hidden_with_the_keyboard(page: Page, original: Path) -> None:
    points = search(page, original)["garments"][0]["landmarks"]
    page.keyboard.press("l")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Tab")
    page.keyboard.press("Delete")
    expect(page.locator("#overlay .point").nth(1)).to_have_attribute("aria-label", "neck right, not visible")
    sent = search_again(page, "Search as corrected")["options"]["landmarks"][0]
    assert sent[0][0] > points[0][0]
    assert sent[0][2] == 1
    assert sent[1] == [*points[1][:2], 0]


def weigh(page: Page, **weights: float) -> dict[str, float]:
    """Move sliders, by part; milliseconds from the last input event until the order is there, and laid out."""
    return dict(
        page.evaluate(
            """(weights) => {
            let times = {};
            for (const [place, value] of weights) {
                const input = document.getElementById(`weight-${place}`);
                const started = performance.now();
                input.value = value;
                input.dispatchEvent(new Event("input", { bubbles: true }));
                const ordered = performance.now() - started;
                document.getElementById("cards").getBoundingClientRect();
                times = { ordered, shown: performance.now() - started };
            }
            return times;
        }""",
            [[PARTS.index(part), value] for part, value in weights.items()],
        )
    )


def expected_order(found: dict[str, Any], weights: dict[str, float]) -> list[str]:
    """By the server's own ranking."""
    pairs = found["pairs"][0]
    similarity = np.array([[part["similarity"] for part in pair["parts"]] for pair in pairs], np.float32)
    row = np.array([weights.get(name, 0.0) for name in found["versions"]["parts"]], np.float32)
    order = np.argsort(-weighted_score(similarity, row), kind="stable")
    return [str(pairs[place]["hit"]["item"]) for place in order]


@pytest.mark.smoke
def test_sliders_put_the_hits_into_the_order_that_the_server_would_give(page: Page, original: Path) -> None:
    found = search(page, original)
    answered = items(page)
    weights = {**dict.fromkeys(PARTS, 0.0), "waist": 0.3, "left_sleeve": 1.0}
    weigh(page, **weights)
    assert items(page) == expected_order(found, weights) != answered
    expect(page.locator("#count")).to_have_text("20 hits, by your weights")
    score = float(cards(page).nth(3).locator(".score").inner_text().split()[1])
    again = search_again(page, "Search again with these weights")
    assert again["versions"]["ranking"] == "weighted"
    assert again["options"]["weights"] == weights
    assert items(page)[0] == answered[0]
    assert score <= again["pairs"][0][3]["score"] + 0.01
    weigh(page, waist=0, left_sleeve=0)
    expect(page.locator("#no-weight")).to_be_visible()
    expect(page.get_by_role("button", name="Search again with these weights")).to_be_disabled()


def test_the_usual_order_is_made_in_the_page_with_the_scores_that_the_server_gives(page: Page, original: Path) -> None:
    found = search(page, original)
    pairs = found["pairs"][0]
    assert set(WHOLE_NAMES) < {part["name"] for part in pairs[0]["parts"]}
    made = page.evaluate(
        """async ([pairs, versions]) => {
            const { partialScore } = await import("/static/search_weights.js");
            return pairs.map(({ parts }) => partialScore(parts, versions));
        }""",
        [pairs, found["versions"]],
    )
    assert made == pytest.approx([pair["score"] for pair in pairs], abs=0.01)
    weigh(page, **{**dict.fromkeys(PARTS, 0.0), "waist": 1.0})
    assert search_again(page, "Search again with these weights")["versions"]["ranking"] == "weighted"
    page.get_by_label("Order by").select_option(USUAL)
    expect(page.locator("#count")).to_have_text(f"20 hits, by {USUAL}")


def test_two_hundred_hits_are_ordered_while_the_slider_moves(page: Page, original: Path) -> None:
    search(page, original, 200)
    page.route("**/api/search/*", lambda route: route.fulfill(json=with_many_hits(route.fetch().json(), 200)))
    page.reload()
    expect(cards(page)).to_have_count(200)
    times = [weigh(page, collar=share, waist=1 - share) for share in (0.1, 0.9, 0.2, 0.8, 0.35, 0.65)]
    for name in ("ordered", "shown"):
        print(f"\n200 hits {name} after {sorted(time[name] for time in times)[3]:.1f} ms", end="")


def with_many_hits(found: dict[str, Any], number: int) -> dict[str, Any]:
    """The answer with its hits again and again, each with similarities of its own."""
    draws = np.random.default_rng(0)
    for garment, row in enumerate(found["pairs"]):
        copies = [json.loads(json.dumps(row[place % len(row)])) for place in range(number)]
        for pair in copies:
            for part in pair["parts"]:
                part["similarity"] = float(draws.uniform(-0.2, 1))
        found["pairs"][garment] = copies
    return found


def test_weights_are_saved_by_name_used_and_deleted(page: Page, original: Path) -> None:
    found = search(page, original)
    weights = {**dict.fromkeys(PARTS, 0.0), "chest": 0.1, "waist": 0.9, "right_sleeve": 0.5}
    weigh(page, **weights)
    page.get_by_role("button", name="Save…").click()
    page.get_by_label("Name", exact=True).fill("hem <b>first</b>")
    page.keyboard.press("Enter")
    order = page.get_by_label("Order by")
    expect(order.locator("option:checked")).to_have_text("hem <b>first</b>")
    order.select_option("equal weights")
    assert items(page) == expected_order(found, dict.fromkeys(weights, 1.0))
    page.reload()
    expect(cards(page)).to_have_count(20)
    order.select_option("hem <b>first</b>")
    assert items(page) == expected_order(found, weights)
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(order.locator("option:checked")).to_have_text("your weights, not saved")
    order.select_option(f"{USUAL}, as answered")
    assert items(page) == [pair["hit"]["item"] for pair in found["pairs"][0]]
    assert page.request.get("/api/presets").json() == []


def test_arrow_keys_walk_the_hits_and_enter_opens_one(page: Page, original: Path) -> None:
    search(page, original)
    expect(cards(page).nth(0).locator("a")).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    expect(cards(page).nth(1).locator("a")).to_be_focused()
    expect(cards(page).nth(1)).to_have_attribute("aria-current", "true")
    page.keyboard.press("End")
    expect(cards(page).last.locator("a")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/compare/search/*/0/19")


def test_seller_and_date_filter_among_all_hits_that_the_server_gives(page: Page, original: Path) -> None:
    found = search(page, original, 10)
    assert len(found["pairs"][0]) == 10
    page.get_by_label("Sellers whose name contains").fill("nobody")
    expect(page.locator("#count")).to_have_text(f"0 of 10 hits, by {USUAL}")
    before = page.url
    page.get_by_label("Sellers whose name contains").fill("AHRENS")
    page.keyboard.press("Tab")
    page.wait_for_function("before => location.href !== before", arg=before, timeout=SOON)
    wide = answer(page)
    assert wide["options"]["top_k"] == 200
    dates = sorted(pair["hit"]["metadata"]["date"] for pair in wide["pairs"][0])
    page.get_by_label("Dated from").fill(dates[len(dates) // 2])
    later = sum(date >= dates[len(dates) // 2] for date in dates)
    expect(page.locator("#count")).to_have_text(f"{later} of {len(dates)} hits, by {USUAL}")
    expect(page.locator("#cards .card:visible")).to_have_count(later)


def test_hits_are_added_to_a_new_case_and_to_one_that_is_there(page: Page, original: Path) -> None:
    search(page, original)
    top = page.evaluate("document.getElementById('main').offsetTop")
    for place in range(2):
        cards(page).nth(place).get_by_role("button").click()
        if place == 0:
            expect(page.get_by_label("Title of the new case")).to_be_focused()
            page.keyboard.type("Blue blouse")
        page.get_by_role("button", name="Add", exact=True).click()
        expect(page.locator("#banner")).to_contain_text("Added to the case “Blue blouse”.")
        expect(page.get_by_role("dialog")).to_have_count(0)
    assert page.evaluate("document.getElementById('main').offsetTop") == top
    (case,) = page.request.get("/api/cases?open=1").json()
    page.locator("#banner").get_by_role("link", name="Go to the case").click()
    page.wait_for_url(f"**/cases/{case['id']}")


def test_the_title_is_ready_to_be_written_once_a_new_case_is_chosen(page: Page, original: Path) -> None:
    search(page, original)
    add = cards(page).first.get_by_role("button")
    add.click()
    page.get_by_label("Title of the new case").fill("First")
    page.keyboard.press("Enter")
    expect(page.locator("#banner")).to_contain_text("First")
    add.click()
    page.get_by_label("Case", exact=True).select_option("New case")
    expect(page.get_by_label("Title of the new case")).to_be_focused()


def test_the_focus_comes_back_to_the_hit_that_was_left(page: Page, original: Path) -> None:
    search(page, original)
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.wait_for_url("**/compare/search/*/0/3")
    page.go_back()
    expect(cards(page).nth(3).locator("a")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/compare/search/*/0/3")
    page.get_by_role("button", name="Next").click()
    page.wait_for_url("**/compare/search/*/0/4")
    page.get_by_role("link", name="Back to the search").click()
    expect(cards(page).nth(4).locator("a")).to_be_focused()


def test_an_answer_leaves_the_focus_where_somebody_writes(page: Page, original: Path) -> None:
    search(page, original, 10)
    page.get_by_label("Sellers whose name contains").fill("AHRENS")
    before = page.url
    page.keyboard.press("Enter")
    page.wait_for_function("before => location.href !== before", arg=before, timeout=SOON)
    expect(page.locator("#hits")).to_have_attribute("aria-busy", "false")
    expect(page.get_by_label("Sellers whose name contains")).to_be_focused()


def view_width(page: Page) -> float:
    """How many pixels of the photo are shown from left to right."""
    return float(str(page.locator("#overlay").get_attribute("viewBox")).split()[2])


def test_what_is_corrected_is_looked_at_from_nearer(page: Page, original: Path) -> None:
    found = search(page, original)
    whole = view_width(page)
    x0, _, x1, _ = found["garments"][0]["box"]
    page.keyboard.press("l")
    near = view_width(page)
    assert x1 - x0 < near < whole
    page.keyboard.press("+")
    assert view_width(page) < near
    focused = page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert focused.startswith(found["versions"]["landmarks"][0].replace("_", " "))
    page.get_by_role("button", name="Whole photo").click()
    assert view_width(page) == whole
    page.keyboard.press("Escape")
    assert view_width(page) == whole


def test_landmarks_that_cannot_be_seen_are_out_of_the_way_until_they_are_asked_for(page: Page, original: Path) -> None:
    search(page, original)
    page.route("**/api/search/*", lambda route: route.fulfill(json=with_hidden_landmarks(route.fetch().json(), 5)))
    page.reload()
    expect(cards(page).first).to_be_visible()
    page.keyboard.press("l")
    points = page.locator("#overlay .point")
    seen = points.count()
    expect(page.locator("#overlay .unseen")).to_have_count(0)
    toggle = page.get_by_role("button", name="Show points that cannot be seen")
    toggle.click()
    expect(toggle).to_have_attribute("aria-pressed", "true")
    expect(points).to_have_count(len(answer(page)["versions"]["landmarks"]))
    assert points.count() >= seen + 5
    toggle.click()
    expect(points).to_have_count(seen)


def with_hidden_landmarks(found: dict[str, Any], number: int) -> dict[str, Any]:
    """The answer with its first landmarks not visible."""
    for point in found["garments"][0]["landmarks"][:number]:
        point[2] = 0
    return found


def test_enter_searches_as_corrected_and_what_changed_is_said(page: Page, original: Path) -> None:
    whole = search(page, original)
    page.keyboard.press("l")
    expect(page.locator("#hint")).to_contain_text("Enter searches again")
    for _ in range(12):
        page.keyboard.press("ArrowUp")
    before = page.url
    page.keyboard.press("Enter")
    page.wait_for_function("before => location.href !== before", arg=before, timeout=SOON)
    expect(page.locator("#corrected")).to_contain_text("Corrected by hand")
    expect(page.locator("#corrected li").nth(0)).to_contain_text("egion")
    expect(page.locator("#corrected li").nth(1)).to_contain_text("imilarity to")
    expect(page.locator("#garments button")).to_contain_text("corrected by hand")
    expect(page.locator("#garments button")).not_to_contain_text("%")
    expect(cards(page).first.locator("a")).to_be_focused()
    assert answer(page)["options"]["whole"] == whole["id"]
    page.goto("/search")
    expect(page.locator(".recent li").first).to_contain_text("corrected by hand")
    expect(page.locator(".recent li").last).not_to_contain_text("corrected by hand")


def test_a_landmark_beyond_the_box_is_said_to_need_a_box(page: Page, original: Path) -> None:
    found = search(page, original)
    points = [list(point) for point in found["garments"][0]["landmarks"]]
    place = max(range(len(points)), key=lambda one: points[one][2])
    x0, y0, _, _ = found["garments"][0]["box"]
    page.keyboard.press("l")
    page.keyboard.press("0")
    drag(page, on_screen(page, *points[place][:2]), on_screen(page, x0 / 2, y0 / 2))
    search_again(page, "Search as corrected")
    name = found["versions"]["landmarks"][place].replace("_", " ")
    expect(page.locator("#corrected")).to_contain_text(f"On or beyond the garment's box: {name}.")


def test_searching_comes_right_after_the_landmarks_and_keys_are_listed(page: Page, original: Path) -> None:
    search(page, original)
    page.keyboard.press("l")
    page.keyboard.press("ArrowLeft")
    page.locator("#overlay .point").last.focus()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Search as corrected")).to_be_focused()
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_contain_text("While correcting: search again as corrected")


def test_a_narrow_page_says_that_there_are_hits_below(new_page: Callable[..., Page], original: Path) -> None:
    page = new_page(NARROW)
    search(page, original)
    below = page.get_by_role("button", name="20 hits ↓")
    expect(below).to_be_in_viewport()
    below.click()
    expect(cards(page).first).to_be_in_viewport()
    expect(cards(page).first.locator("a")).to_be_focused()


def test_what_is_refused_is_said_and_the_photo_stays_to_be_tried_again(page: Page, original: Path) -> None:
    page.goto("/search")
    expect(page.locator("#collection option")).not_to_have_count(0)
    page.evaluate("document.getElementById('collection').append(new Option('nowhere'))")
    page.get_by_label("Collection").select_option("nowhere")
    page.set_input_files("#files", original)
    expect(page.locator("#banner")).to_contain_text("nowhere", timeout=SOON)
    expect(page.locator("#preview")).to_be_visible()
    page.get_by_label("Collection").select_option("originals")
    page.get_by_role("button", name="Search again", exact=True).click()
    expect(cards(page).first).to_contain_text(item_of(original), timeout=SOON)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_is_accessible_and_fits_both_widths(
    new_page: Callable[..., Page], original: Path, scheme: str
) -> None:
    page = new_page(color_scheme=scheme)
    page.goto("/search")
    check_axe(page)
    search(page, original)
    check_fits(page)
    for mode in ("Choose", "Correct box", "Landmarks"):
        page.get_by_role("button", name=mode, exact=True).click()
        check_axe(page)
    page.set_viewport_size({"width": NARROW["width"], "height": NARROW["height"]})
    page.reload()
    expect(cards(page).first).to_be_visible()
    check_fits(page)
    check_axe(page)
    page.locator("#sliders summary").click()
    page.locator("#options summary").click()
    check_fits(page)
    check_axe(page)


def test_a_finger_draws_a_box(new_page: Callable[..., Page], original: Path) -> None:
    page = new_page(NARROW, has_touch=True)
    search(page, original)
    page.get_by_role("button", name="Correct box").tap()
    page.get_by_role("button", name="Draw a new box").tap()
    (x0, y0), (x1, y1) = on_screen(page, 80, 80), on_screen(page, 300, 320)
    touch = page.context.new_cdp_session(page)
    for kind, points in (
        ("touchStart", [{"x": x0, "y": y0}]),
        ("touchMove", [{"x": (x0 + x1) / 2, "y": (y0 + y1) / 2}]),
        ("touchMove", [{"x": x1, "y": y1}]),
        ("touchEnd", []),
    ):
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    assert search_again(page, "Search as corrected")["options"]["box"] == pytest.approx([80, 80, 300, 320], abs=4)
