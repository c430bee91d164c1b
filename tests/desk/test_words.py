"""Every text of the desk stands in one catalogue, and German has them all."""

from __future__ import annotations

import itertools
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

import seamline.desk
from seamline.core.spec import CATEGORIES, LANDMARKS
from seamline.desk.terms import TERMS, term
from seamline.desk.words import Words, _, day, moment, number_text, percent, plural
from seamline.systems.psnet.spec import LABELS
from seamline.systems.psnet_lite.spec import PART_NAMES, lite_parts

DESK = Path(seamline.desk.__file__).parent
_NAME = re.compile(r"\{\w*\}")


def _catalogue(file: Path) -> Catalog:
    with file.open("rb") as opened:
        return read_po(opened)


@pytest.fixture(scope="module")
def extracted(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    file = tmp_path_factory.mktemp("words") / "desk.pot"
    options = ["-F", "desk/locale/babel.cfg", "-k", "t", "-k", "plural:1,2", "-o", str(file), "desk"]
    program = Path(sys.executable).with_name("pybabel")
    subprocess.run([str(program), "-q", "extract", *options], check=True, cwd=DESK.parent)
    return _catalogue(file)


def test_the_template_holds_every_text_of_the_code(extracted: Catalog) -> None:
    kept = {row.id for row in _catalogue(DESK / "locale" / "desk.pot")}
    assert {row.id for row in extracted} == kept, "run `make words`"


@pytest.mark.parametrize("file", sorted((DESK / "locale").glob("*/desk.po")), ids=lambda file: file.parent.name)
def test_a_language_has_all_texts_and_their_names(extracted: Catalog, file: Path) -> None:
    spoken = _catalogue(file)
    for row in extracted:
        if not row.id:
            continue
        translated = spoken.get(row.id if isinstance(row.id, str) else row.id[0])
        assert translated is not None, row.id
        ours = row.id if isinstance(row.id, tuple) else (row.id,)
        theirs = translated.string if isinstance(translated.string, tuple) else (translated.string,)
        assert all(theirs), row.id
        for one, other in zip(ours, theirs, strict=True):
            assert set(_NAME.findall(one)) == set(_NAME.findall(other)), row.id


def test_a_request_is_answered_in_the_language_that_it_accepts() -> None:
    words = Words()
    assert words.choose(None, "de-AT,de;q=0.9,en;q=0.5") == "de"
    assert words.choose("en", "de") == "en"
    assert words.choose("xx", "fr") == "en"


def test_texts_and_numbers_are_spoken() -> None:
    words = Words()
    words.speak("de")
    assert _("Search") == "Suche"
    words.speak("en")
    assert _("Search") == "Search"
    assert plural("{n} hit", "{n} hits", 1) == "1 hit"
    assert plural("{n} hit", "{n} hits", 1200) == "1,200 hits"


def test_numbers_and_times_are_written_as_the_language_does() -> None:
    words = Words()
    noon = datetime(2026, 9, 1, 12, 0, tzinfo=UTC)
    words.speak("de")
    assert plural("{n} garment", "{n} garments", 1200) == "1.200 Kleidungsstücke"
    assert [number_text(0.875, 2), percent(0.97), percent(None)] == ["0,88", "97\u00a0%", "nicht angegeben"]
    assert [moment(noon), moment(noon.isoformat()), day(noon)] == [*["01.09.2026, 12:00 UTC"] * 2, "01.09.2026"]
    words.speak("en")
    assert [number_text(1200.5, 1), percent(0.999), percent(0.001)] == ["1,200.5", "over 99\u00a0%", "under 1\u00a0%"]
    assert moment(noon) == "2026-09-01 12:00 UTC"


def test_translators_know_what_the_shipped_networks_name() -> None:
    words = Words()
    words.speak("de")
    spoken = (*LABELS.values(), *lite_parts(1).labels.values())
    named = [*CATEGORIES, *LANDMARKS, *PART_NAMES, *itertools.chain(*spoken)]
    assert {name.replace("_", " ") for name in named} <= TERMS
    assert [term("left_sleeve"), term("skirt"), term("my own part")] == ["Ärmel links", "Rock", "my own part"]
