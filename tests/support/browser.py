"""What every page of the desk must bear: two widths, and a program's look for what keeps people out."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

WIDE, NARROW = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]


def check_axe(page: Page) -> None:
    """No violation of WCAG 2.1 A and AA, as far as a program can tell."""
    results = Axe().run(page, options={"runOnly": _RULES})
    assert results.violations_count == 0, results.generate_report()


def check_fits(page: Page) -> None:
    """Nothing makes the page wider than the window."""
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
