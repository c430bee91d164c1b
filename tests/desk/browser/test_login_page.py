"""The login in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.browser import NARROW, WIDE, check_axe, check_fits
from tests.support.desk import PASSWORD, live_desk

ELSEWHERE = "http://elsewhere.example/"


@pytest.fixture
def login(browser: Browser, tmp_path: Path, users: Path) -> Iterator[Page]:
    """The login of a desk of people, which nobody's server stands behind."""
    with live_desk(tmp_path / "desk", tmp_path / "home", "--users", str(users)) as address:
        context = browser.new_context(base_url=address, viewport=WIDE)
        page = context.new_page()
        page.goto("/cases?q=a")
        yield page
        context.close()


def sign_in(page: Page, password: str = PASSWORD) -> None:
    """By keys alone."""
    page.get_by_label("Name").focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("lena")
    page.keyboard.press("Tab")
    page.keyboard.type(password)
    page.keyboard.press("Enter")


@pytest.mark.smoke
def test_a_person_signs_in_by_keys_and_arrives_where_they_wanted_to_go(login: Page) -> None:
    for size in (WIDE, NARROW):
        login.set_viewport_size(size)  # type: ignore[arg-type]
        check_axe(login)
        check_fits(login)
    sign_in(login, "four buttons and a cuff")
    expect(login.get_by_role("alert")).to_have_text("the name or the password is not right")
    check_axe(login)
    sign_in(login)
    login.wait_for_url("**/cases?q=a")
    login.get_by_role("button", name="Sign out").click()
    login.wait_for_url("**/login")
    assert login.context.cookies() == []


def test_who_is_signed_in_and_follows_a_link_of_another_site_arrives(login: Page) -> None:
    sign_in(login)
    login.wait_for_url("**/cases?q=a")
    desk = login.url.partition("/cases")[0]
    link = f'<a href="{desk}/cases?q=b">a case</a>'
    login.context.route(ELSEWHERE, lambda route: route.fulfill(body=link, content_type="text/html"))
    login.goto(ELSEWHERE)
    login.get_by_role("link").click()
    login.wait_for_url("**/cases?q=b")


@pytest.mark.parametrize(
    "asked", ["https://elsewhere.example/", "//elsewhere.example/", "/\\elsewhere.example", "javascript:alert(1)"]
)
def test_nobody_is_led_to_another_site_by_signing_in(login: Page, asked: str) -> None:
    login.goto(f"/login?to={asked}")
    sign_in(login)
    login.wait_for_url("**/search")


def test_a_page_of_another_site_shows_nothing_of_the_desk(login: Page) -> None:
    sign_in(login)
    login.wait_for_url("**/cases?q=a")
    desk = login.url.partition("/cases")[0]
    framed = f'<iframe src="{desk}/cases"></iframe><img src="{desk}/static/icon.svg" alt="">'
    login.context.route(ELSEWHERE, lambda route: route.fulfill(body=framed, content_type="text/html"))
    login.goto(ELSEWHERE)
    assert [frame.url.startswith(desk) for frame in login.frames[1:]] == [False]
    assert login.evaluate("document.querySelector('img').naturalWidth") == 0
