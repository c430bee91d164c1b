"""The page as HTML."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from seamline.core.output_files import write_text
from seamline.report.model import Page
from seamline.report.words import DISCLAIMER


def page_html(page: Page) -> str:
    """The whole document. Every text of `page` is escaped by the template engine."""
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, finalize=_visible
    )
    template = environment.from_string(_own("page.html"))
    return template.render(page=page, style=Markup(_own("page.css")), disclaimer=DISCLAIMER)


def _visible(value: object) -> object:
    """Texts without characters that cannot be seen: one that turns the writing direction could disguise a name."""
    if type(value) is not str or value.isprintable():
        return value
    return "".join(_visible_character(char) for char in value)


def _visible_character(char: str) -> str:
    if char.isprintable() or char == "\u00a0":
        return char
    return " " if char.isspace() else "\ufffd"


def write_page(file: Path, html: str) -> None:
    """Write the page whole or not at all. Raises BadOption when the file cannot be written."""
    write_text(file, html)


def _own(name: str) -> str:
    return (files("seamline.report") / name).read_text(encoding="utf-8")
