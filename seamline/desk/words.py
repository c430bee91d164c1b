"""The desk's words in the languages of `locale/`: English in the code, others in gettext catalogues."""

from __future__ import annotations

import io
from contextvars import ContextVar
from datetime import datetime
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files
from importlib.resources.abc import Traversable

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import get_decimal_symbol, get_group_symbol

ENGLISH = "en"
_FILE = "desk.po"
_NAMES = {ENGLISH: "English", "de": "Deutsch"}
_translations: ContextVar[NullTranslations | None] = ContextVar("translations", default=None)
_language: ContextVar[str] = ContextVar("language", default=ENGLISH)


def _(text: str) -> str:
    """The text in the language of the request that is being answered."""
    spoken = _translations.get()
    return spoken.gettext(text) if spoken else text


def plural(one: str, many: str, number: int) -> str:
    """The text for this number, which fills in `{n}`."""
    spoken = _translations.get()
    chosen = spoken.ngettext(one, many, number) if spoken else (one if number == 1 else many)
    return chosen.format(n=number_text(number))


def number_text(value: float, digits: int = 0) -> str:
    """A number with so many digits after the point, as the request's language groups and points it."""
    language = _language.get()
    marks = str.maketrans(",.", get_group_symbol(language) + get_decimal_symbol(language))
    return f"{value:,.{digits}f}".translate(marks)


def percent(probability: float | None) -> str:
    """A probability without false certainty."""
    if probability is None:
        return _("not stated")
    if probability >= 0.995:
        said = _("over 99 %")
    else:
        said = _("under 1 %") if probability < 0.005 else f"{probability:.0%}".replace("%", " %")
    return said.replace(" %", "\u00a0%")


def moment(when: datetime | str) -> str:
    """A time in UTC, also one that is written in ISO 8601."""
    at = datetime.fromisoformat(when) if isinstance(when, str) else when
    return at.strftime(_("%Y-%m-%d %H:%M UTC"))


def day(when: datetime) -> str:
    """The day of a time in UTC."""
    return when.strftime(_("%Y-%m-%d"))


def stated_day(text: str) -> str:
    """A day that a manifest states in ISO 8601, as pages write days; any other text as it is."""
    try:
        return day(datetime.fromisoformat(text))
    except ValueError:
        return text


class Words:
    """All catalogues, read once."""

    def __init__(self) -> None:
        folder = files("seamline.desk") / "locale"
        catalogues = {entry.name: _read(entry) for entry in folder.iterdir() if (entry / _FILE).is_file()}
        self._spoken = {code: _compiled(catalogue) for code, catalogue in catalogues.items()}
        self._texts = {code: _texts(catalogue) for code, catalogue in catalogues.items()}

    @property
    def languages(self) -> dict[str, str]:
        """Codes and what speakers call them."""
        return {code: _NAMES.get(code, code) for code in (ENGLISH, *sorted(self._spoken))}

    def choose(self, wanted: str | None, accepted: str) -> str:
        """The language that a cookie names, else the first of an Accept-Language header that there is."""
        ranked = [wanted or "", *(part.split(";")[0].split("-")[0].strip().lower() for part in accepted.split(","))]
        return next((code for code in ranked if code in self.languages), ENGLISH)

    def speak(self, language: str) -> None:
        """Let `_` answer in this language from here on in the present context."""
        _translations.set(self._spoken.get(language))
        _language.set(language)

    def messages(self, language: str) -> dict[str, str]:
        """All translated texts, for scripts."""
        return self._texts.get(language, {})


def _read(folder: Traversable) -> Catalog:
    return read_po(io.BytesIO((folder / _FILE).read_bytes()))


def _compiled(catalogue: Catalog) -> GNUTranslations:
    binary = io.BytesIO()
    write_mo(binary, catalogue)
    binary.seek(0)
    return GNUTranslations(binary)


def _texts(catalogue: Catalog) -> dict[str, str]:
    """Those without a plural, which scripts do not have."""
    return {row.id: str(row.string) for row in catalogue if isinstance(row.id, str) and row.id and row.string}
