"""Waiting for what a page's script sees, without code from strings inside the page, which its policy forbids."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page

_SOON = 15.0


def wait_until(page: Page, expression: str) -> None:
    """Until the expression is true in the page. Raises AssertionError after 15 seconds."""
    ends = time.monotonic() + _SOON
    while not page.evaluate(expression):
        assert time.monotonic() < ends, f"not so after {_SOON} seconds: {expression}"
        page.wait_for_timeout(50)
