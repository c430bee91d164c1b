"""The desk's words in the languages of `locale/`: English in the code, others in gettext catalogues."""

from __future__ import annotations

import io
from contextvars import ContextVar
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files
from importlib.resources.abc import Traversable

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

ENGLISH = "en"
_NAMES = {ENGLISH: "English", "de": "Deutsch"}
_translations: ContextVar[NullTranslations | None] = ContextVar("translations", default=None)


def _(text: str) -> str:
    """The text in the language of the request that is being answered."""
    spoken = _translations.get()
    return spoken.gettext(text) if spoken else text


def plural(one: str, many: str, number: int) -> str:
    """The text for this number, which fills in `{n}`."""
    spoken = _translations.get()
    chosen = spoken.ngettext(one, many, number) if spoken else (one if number == 1 else many)
    return chosen.format(n=f"{number:,}")


class Words:
    """All catalogues, read once."""

    def __init__(self) -> None:
        folder = files("seamline.desk") / "locale"
        self._known = {entry.name: _read(entry / "desk.po") for entry in folder.iterdir() if _is_language(entry)}

    @property
    def languages(self) -> dict[str, str]:
        """Codes and what speakers call them."""
        return {code: _NAMES.get(code, code) for code in (ENGLISH, *sorted(self._known))}

    def choose(self, wanted: str | None, accepted: str) -> str:
        """The language that a cookie names, else the first of an Accept-Language header that there is."""
        ranked = [wanted or "", *(part.split(";")[0].split("-")[0].strip().lower() for part in accepted.split(","))]
        return next((code for code in ranked if code in self.languages), ENGLISH)

    def speak(self, language: str) -> None:
        """Let `_` answer in this language from here on in the present context."""
        _translations.set(self._known.get(language))

    def messages(self, language: str) -> dict[str, str]:
        """All translated texts, for scripts."""
        known = self._known.get(language)
        return {} if known is None else {key: known.gettext(key) for key in _keys(known) if key}


def _is_language(entry: Traversable) -> bool:
    return (entry / "desk.po").is_file()


def _read(file: Traversable) -> GNUTranslations:
    binary = io.BytesIO()
    write_mo(binary, read_po(io.BytesIO(file.read_bytes())))
    binary.seek(0)
    return GNUTranslations(binary)


def _keys(known: GNUTranslations) -> list[str]:
    catalogue = known._catalog  # type: ignore[attr-defined]  # the standard library offers no other way to list it
    return [key for key in catalogue if isinstance(key, str)]
