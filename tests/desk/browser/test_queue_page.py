"""The queue in real browsers: two people at once, every key, what is undone, put off, noted and summed up."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Route, expect
from sqlalchemy import select, update

from seamline.desk.context import Desk
from seamline.desk.people.user import Role
from seamline.desk.settings import DeskSettings
from seamline.desk.store.models import Suspect, Verdict
from seamline.desk.store.types import now
from tests.support.browser import NARROW, WIDE, check_axe, check_fits
from tests.support.desk import PASSWORD, desk_client, enter_person, live_desk
from tests.support.desk_records import add_suspect

SCRIPT = "<img src=x onerror=alert(1)>"


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """Of a desk of two analysts and a lead, whose server of models is away, which judging does without."""
    users = tmp_path / "users.toml"
    for name, role in (("anna", Role.ANALYST), ("ben", Role.ANALYST), ("lena", Role.LEAD)):
        enter_person(users, name, role)
    with live_desk(tmp_path / "desk", tmp_path / "home", "--url", "127.0.0.1:9", "--users", str(users)) as opened:
        yield opened


@pytest.fixture
def desk(address: str, tmp_path: Path) -> Iterator[Desk]:
    """The store of the desk that the browsers look at, with six suspects."""
    with desk_client(DeskSettings(folder=tmp_path / "desk", server="127.0.0.1:9")) as client:
        for number, (seller, probability) in enumerate(
            [(SCRIPT, 0.97), (SCRIPT, 0.9), (SCRIPT, 0.8), ("Blue Kite", 0.95), ("Blue Kite", 0.7), ("", 0.6)]
        ):
            add_suspect(
                client.desk, tmp_path, 2 + number % 2, probability, listing=f"L-{number}", original="A-1", seller=seller
            )
        yield client.desk


@pytest.fixture
def open_queue(new_page: Callable[..., Page], desk: Desk) -> Callable[..., Page]:
    """A browser in which somebody has signed in and looks at the queue."""

    def open_page(name: str, viewport: dict[str, int] = WIDE) -> Page:
        page = new_page(viewport)
        page.goto("/login")
        page.get_by_label("Name").fill(name)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/search")
        page.goto("/queue")
        return page

    return open_page


def facts(page: Page) -> Locator:
    return page.locator("[data-facts]")


def shows(page: Page, listing: str) -> None:
    """The card of a listing, with its pair, which can be judged now."""
    expect(facts(page).get_by_text(listing, exact=True)).to_be_visible()
    expect(facts(page).locator(".bars li").first).to_be_visible()


def figure(page: Page, name: str) -> Locator:
    return page.locator(f"[data-figure={name}]")


def verdicts(desk: Desk) -> list[tuple[str, str, str, str]]:
    """Listing, person, verdict and note of all that stand, in their order."""
    query = select(Suspect.listing_item, Verdict.owner, Verdict.verdict, Verdict.note)
    query = query.join(Suspect, Suspect.id == Verdict.suspect_id).where(Verdict.undone_at.is_(None))
    with desk.store.reading() as session:
        return [tuple(row) for row in session.execute(query.order_by(Verdict.id))]  # type: ignore[misc]


@pytest.mark.smoke
def test_keys_judge_one_card_after_another_and_the_figures_follow(open_queue: Callable[..., Page], desk: Desk) -> None:
    page = open_queue("anna")
    shows(page, "L-0")
    expect(figure(page, "left")).to_have_text("6")
    for key, following in (("1", "L-1"), ("2", "L-2"), ("3", "L-3")):
        page.keyboard.press(key)
        shows(page, following)
    expect(figure(page, "batch")).to_have_text("3")
    for name in ("copy", "not_copy", "unsure"):
        expect(figure(page, name)).to_have_text("1")
    expect(figure(page, "today")).to_have_text("3")
    expect(figure(page, "left")).to_have_text("3")
    assert [row[:3] for row in verdicts(desk)] == [
        ("L-0", "anna", "copy"),
        ("L-1", "anna", "not_copy"),
        ("L-2", "anna", "unsure"),
    ]


@pytest.mark.smoke
def test_two_people_never_look_at_the_same_card(open_queue: Callable[..., Page], desk: Desk) -> None:
    anna = open_queue("anna")
    shows(anna, "L-0")
    ben = open_queue("ben")
    shows(ben, "L-4")
    ben.keyboard.press("2")
    shows(ben, "L-5")
    ben.keyboard.press("2")
    expect(ben.get_by_text("Nothing is left to judge here just now.")).to_be_visible()
    for following in ("L-1", "L-2", "L-3"):
        anna.keyboard.press("1")
        shows(anna, following)
    anna.keyboard.press("1")
    expect(anna.get_by_text("Nothing is left to judge here just now.")).to_be_visible()
    expect(figure(anna, "batch")).to_have_text("4")
    assert sorted(row[0] for row in verdicts(desk)) == [f"L-{number}" for number in range(6)]


def test_undo_brings_the_card_back_also_after_a_reload(open_queue: Callable[..., Page], desk: Desk) -> None:
    page = open_queue("anna")
    shows(page, "L-0")
    page.keyboard.press("1")
    shows(page, "L-1")
    page.keyboard.press("z")
    shows(page, "L-0")
    expect(figure(page, "batch")).to_have_text("0")
    page.keyboard.press("2")
    shows(page, "L-1")
    expect(figure(page, "not_copy")).to_have_text("1")
    page.reload()
    shows(page, "L-1")
    page.keyboard.press("z")
    shows(page, "L-0")
    expect(figure(page, "batch")).to_have_text("0")
    assert verdicts(desk) == []


def test_a_note_goes_with_the_verdict_and_its_letters_are_no_keys(open_queue: Callable[..., Page], desk: Desk) -> None:
    page = open_queue("anna")
    shows(page, "L-0")
    page.keyboard.press("n")
    page.keyboard.type("cuffs 1, 2 and zips")
    page.keyboard.press("Escape")
    page.keyboard.press("1")
    shows(page, "L-1")
    expect(page.get_by_label("Note, saved with the verdict")).to_be_hidden()
    expect(figure(page, "copy")).to_have_text("1")
    assert verdicts(desk) == [("L-0", "anna", "copy", "cuffs 1, 2 and zips")]


def test_a_card_that_is_put_off_goes_to_others_and_can_be_asked_for_again(
    open_queue: Callable[..., Page], desk: Desk
) -> None:
    page = open_queue("anna")
    shows(page, "L-0")
    for following in ("L-1", "L-2", "L-3", "L-4", "L-5"):
        page.keyboard.press("l")
        shows(page, following)
    page.keyboard.press("l")
    expect(page.get_by_text("Only what you have put off is left")).to_be_visible()
    page.get_by_role("button", name="Show what was put off").click()
    shows(page, "L-0")
    assert verdicts(desk) == []


def test_what_was_put_off_is_shown_again_at_any_time(open_queue: Callable[..., Page]) -> None:
    page = open_queue("anna")
    shows(page, "L-0")
    for following in ("L-1", "L-2"):
        page.keyboard.press("l")
        shows(page, following)
    page.get_by_role("button", name="Put off: 2").click()
    shows(page, "L-0")
    expect(page.get_by_role("button", name="Put off:")).to_be_hidden()
    page.keyboard.press("1")
    shows(page, "L-1")
    page.keyboard.press("1")
    shows(page, "L-2")


def test_each_act_is_confirmed_by_name_and_taken_back_in_turn(open_queue: Callable[..., Page], desk: Desk) -> None:
    page = open_queue("anna")
    said = page.locator("[data-card] [data-told]")
    shows(page, "L-0")
    page.keyboard.press("1")
    expect(said).to_have_text("L-0: copy. Z takes it back.")
    shows(page, "L-1")
    page.keyboard.press("n")
    page.keyboard.type("cuffs")
    page.keyboard.press("Escape")
    expect(said).to_have_text("L-1: the note is kept and saved with your verdict.")
    page.keyboard.press("l")
    expect(said).to_have_text("L-1: put off. Z takes it back.")
    shows(page, "L-2")
    page.keyboard.press("z")
    expect(said).to_have_text("L-1: no longer put off, here again.")
    shows(page, "L-1")
    expect(page.get_by_label("Note, saved with the verdict")).to_have_value("cuffs")
    page.keyboard.press("z")
    expect(said).to_have_text("L-0: your verdict was taken back. Judge it once more.")
    shows(page, "L-0")
    assert verdicts(desk) == []


def test_keys_of_the_views_mean_the_same_as_elsewhere_and_leave_a_view_again(open_queue: Callable[..., Page]) -> None:
    page = open_queue("anna")
    shows(page, "L-0")
    view = page.locator("[data-view]")
    for key, mode in (("m", "map"), ("m", "side"), ("f", "flicker"), ("f", "side"), ("w", "wipe"), ("s", "side")):
        page.keyboard.press(key)
        expect(view).to_have_attribute("data-mode", mode)
    shows(page, "L-0")


def test_the_seller_in_hand_comes_first_after_a_reload(open_queue: Callable[..., Page]) -> None:
    page = open_queue("anna")
    shows(page, "L-0")
    page.get_by_role("button", name="Blue Kite").click()
    shows(page, "L-3")
    page.reload()
    shows(page, "L-3")
    expect(page.get_by_text("Cards come grouped by seller")).to_be_visible()


def test_the_list_of_queues_follows_what_is_left(open_queue: Callable[..., Page]) -> None:
    page = open_queue("anna")
    shows(page, "L-0")
    page.keyboard.press("1")
    expect(page.locator("#watch option:checked")).to_have_text("listings → originals (5)")


def test_on_a_phone_the_probability_is_above_the_photos_and_a_note_leaves_them_in_sight(
    open_queue: Callable[..., Page],
) -> None:
    page = open_queue("anna", NARROW)
    shows(page, "L-0")
    tops = [page.locator(one).bounding_box() for one in (".probability", "[data-view] .stage")]
    assert tops[0] is not None
    assert tops[1] is not None
    assert tops[0]["y"] < tops[1]["y"]
    page.get_by_role("button", name="Note").click()
    expect(page.get_by_label("Note, saved with the verdict")).to_be_focused()
    expect(page.get_by_label("Note, saved with the verdict")).to_be_in_viewport(ratio=1)
    stage, buttons = (page.locator(one).bounding_box() for one in ("[data-view] .stage", ".verdicts"))
    assert stage is not None
    assert buttons is not None
    assert 0 <= stage["y"] < stage["y"] + stage["height"] <= buttons["y"]


def test_a_verdict_that_could_not_be_saved_brings_its_card_back(open_queue: Callable[..., Page], desk: Desk) -> None:
    page = open_queue("anna")
    shows(page, "L-0")
    page.route("**/verdict*", lambda route: route.abort())
    page.keyboard.press("1")
    shows(page, "L-0")
    expect(page.get_by_role("alert")).to_contain_text("nothing was saved")
    assert verdicts(desk) == []
    page.unroute("**/verdict*")
    page.keyboard.press("2")
    shows(page, "L-1")
    expect(figure(page, "not_copy")).to_have_text("1")
    assert [row[:3] for row in verdicts(desk)] == [("L-0", "anna", "not_copy")]


def test_a_lost_answer_does_not_count_twice(open_queue: Callable[..., Page], desk: Desk) -> None:
    page = open_queue("anna")
    shows(page, "L-0")

    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route("**/verdict*", lose)
    page.keyboard.press("1")
    expect(page.get_by_role("alert")).to_contain_text("judge it once more")
    page.unroute("**/verdict*")
    page.keyboard.press("1")
    shows(page, "L-1")
    expect(figure(page, "copy")).to_have_text("1")
    assert [row[:3] for row in verdicts(desk)] == [("L-0", "anna", "copy")]


def test_a_card_that_somebody_else_judged_meanwhile_is_said(open_queue: Callable[..., Page], desk: Desk) -> None:
    anna = open_queue("anna")
    shows(anna, "L-0")
    with desk.store.session() as session:
        session.execute(update(Suspect).values(claimed_until=now()))
    ben = open_queue("ben")
    shows(ben, "L-0")
    ben.keyboard.press("1")
    shows(ben, "L-1")
    expect(figure(ben, "copy")).to_have_text("1")
    anna.keyboard.press("2")
    expect(anna.get_by_role("alert")).to_contain_text("ben has judged this pair already")
    assert [row[:3] for row in verdicts(desk)] == [("L-0", "ben", "copy")]


def test_a_double_click_and_a_held_key_say_one_thing(open_queue: Callable[..., Page], desk: Desk) -> None:
    page = open_queue("anna")
    shows(page, "L-0")
    page.get_by_role("button", name="Unsure", exact=True).dblclick()
    shows(page, "L-1")
    page.keyboard.down("1")
    page.keyboard.down("1")
    page.keyboard.up("1")
    shows(page, "L-2")
    expect(figure(page, "batch")).to_have_text("2")
    assert len(verdicts(desk)) == 2


def test_the_same_person_goes_on_with_the_same_cards_in_another_tab(
    open_queue: Callable[..., Page], desk: Desk
) -> None:
    page = open_queue("anna")
    shows(page, "L-0")
    other = page.context.new_page()
    other.goto("/queue")
    shows(other, "L-0")
    other.keyboard.press("1")
    shows(other, "L-1")
    expect(figure(other, "copy")).to_have_text("1")
    page.keyboard.press("1")
    shows(page, "L-1")
    expect(figure(page, "copy")).to_have_text("1")
    assert len(verdicts(desk)) == 1


def test_a_sellers_cards_can_be_chosen_and_names_stay_text(open_queue: Callable[..., Page], desk: Desk) -> None:
    page = open_queue("anna")
    shows(page, "L-0")
    expect(facts(page).get_by_text(SCRIPT, exact=True)).to_be_visible()
    page.get_by_role("button", name="Blue Kite").click()
    shows(page, "L-3")
    page.keyboard.press("1")
    shows(page, "L-4")
    page.get_by_label("Whose name contains").fill("img")
    expect(page.locator("[data-sellers] button")).to_have_count(2)
    page.get_by_role("button", name=SCRIPT).click()
    shows(page, "L-0")
    assert page.locator("img[src=x]").count() == 0


def test_a_batch_is_looked_through_changed_and_closed(open_queue: Callable[..., Page], desk: Desk) -> None:
    page = open_queue("anna")
    shows(page, "L-0")
    for key, following in (("1", "L-1"), ("1", "L-2")):
        page.keyboard.press(key)
        shows(page, following)
    expect(figure(page, "copy")).to_have_text("2")
    page.keyboard.press("b")
    page.wait_for_url("**/queue/batches/*")
    check_axe(page)
    expect(page.locator("[data-count=copy]")).to_have_text("2")
    first = page.locator("[data-suspect]").first
    expect(first.locator("img")).to_have_count(2)
    first.get_by_label("Verdict").select_option("unsure")
    expect(first.get_by_text("Saved.")).to_be_visible()
    first.get_by_label("Note").fill("cuffs?")
    check_fits(page)
    first.get_by_label("Note").blur()
    expect(page.locator("[data-count=unsure]")).to_have_text("1")
    page.get_by_role("button", name="Close the batch …").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Close this batch?")
    expect(dialog).to_contain_text("Copies: 1. Not copies: 0. Unsure: 1.")
    check_axe(page)
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    expect(page.get_by_label("Verdict", exact=True)).to_have_count(2)
    page.get_by_role("button", name="Close the batch …").click()
    dialog.get_by_role("button", name="Close the batch").click()
    expect(page.get_by_text("its verdicts are final")).to_be_visible()
    expect(page.get_by_label("Verdict", exact=True)).to_have_count(0)
    assert sorted(row[2:] for row in verdicts(desk)) == [("copy", ""), ("unsure", "cuffs?")]
    assert page.locator("img[src=x]").count() == 0
    page.set_viewport_size(NARROW)
    check_fits(page)


def test_what_somebody_was_unsure_of_gets_a_second_look(open_queue: Callable[..., Page], desk: Desk) -> None:
    anna = open_queue("anna")
    shows(anna, "L-0")
    anna.keyboard.press("3")
    shows(anna, "L-1")
    expect(figure(anna, "unsure")).to_have_text("1")
    anna.get_by_role("link", name="Pairs for a second look").click()
    expect(anna.locator("[data-suspect]")).to_have_count(1)
    expect(anna.get_by_role("button", name="Back into the queue")).to_have_count(0)
    lena = open_queue("lena")
    lena.get_by_role("link", name="Pairs for a second look").click()
    check_axe(lena)
    lena.get_by_role("button", name="Back into the queue").click()
    expect(lena.get_by_text("The pair is in the queue again.")).to_be_visible()
    ben = open_queue("ben")
    shows(ben, "L-0")


@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
def test_the_page_fits_and_keeps_nobody_out(open_queue: Callable[..., Page], viewport: dict[str, int]) -> None:
    page = open_queue("lena", viewport)
    shows(page, "L-0")
    page.get_by_role("button", name="Note").click()
    page.locator("[data-watching] summary").click()
    check_axe(page)
    check_fits(page)
    page.emulate_media(color_scheme="dark")
    check_axe(page)


def test_the_next_card_is_there_before_the_verdict_is_saved(open_queue: Callable[..., Page], desk: Desk) -> None:
    page, held = open_queue("anna"), []
    shows(page, "L-0")
    page.wait_for_load_state("networkidle")
    page.route("**/verdict*", lambda route: held.append(route))
    page.keyboard.press("1")
    shows(page, "L-1")
    expect(page.locator("[data-view] img")).to_have_count(2)
    drawn = "all => all.every((one) => one.complete && one.naturalWidth > 0)"
    assert page.locator("[data-view] img").evaluate_all(drawn)
    assert verdicts(desk) == []
    held[0].continue_()
    expect(figure(page, "copy")).to_have_text("1")
