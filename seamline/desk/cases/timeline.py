"""A case's log in plain words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from seamline.desk.casefile.agreement import ADDED, REMOVED, TAKEN
from seamline.desk.casefile.chain import LogEntry
from seamline.desk.words import _, moment

Told = Mapping[str, Any]


def verdict_words(verdict: str | None) -> str:
    """A verdict for people."""
    known = {"copy": _("copy"), "not_copy": _("not a copy"), "unsure": _("unsure"), None: _("not judged")}
    return known.get(verdict, str(verdict))


def told(entry: LogEntry) -> str:
    """What was done."""
    words = _KINDS.get(entry.kind)
    return entry.kind.replace("_", " ") if words is None else words(entry.data)


def event(entry: LogEntry) -> dict[str, Any]:
    """An entry for the page and its script. `at`: to the minute, `exactly`: as the log has it."""
    at = {"at": moment(entry.at), "exactly": entry.at}
    return {"number": entry.number, **at, "who": entry.who, "told": told(entry), "digest": entry.digest}


def _opened(data: Told) -> str:
    return _("opened the case “{title}” about the collection {collection}").format(**data)


def _added(data: Told) -> str:
    said = [_("added pair {pair}: {query} and {hit}").format(**data)]
    for side, name in (("query_photo", data["query"]), ("hit_photo", data["hit"])):
        if data[side] == "gone":
            said.append(_("the photo of {item} was gone").format(item=name))
        if data[side] == "changed":
            said.append(_("the photo of {item} had changed and was not taken").format(item=name))
    if "verdict" in data:
        judged = _("judged {verdict} by {who} before").format(
            verdict=verdict_words(data["verdict"]), who=data["judged_by"]
        )
        said.append(judged)
    return "; ".join(said)


def _removed(data: Told) -> str:
    return _("removed pair {pair}: {query} and {hit}").format(**data)


def _judged(data: Told) -> str:
    if data["verdict"] is None:
        return _("took back the verdict on pair {pair}").format(**data)
    return _("judged pair {pair}: {words}").format(pair=data["pair"], words=verdict_words(data["verdict"]))


def _taken(data: Told) -> str:
    words, when = verdict_words(data["verdict"]), moment(data["judged_at"])
    said = _("took over the verdict of the queue on pair {pair}: {verdict}, by {who}, {when}")
    return said.format(pair=data["pair"], verdict=words, who=data["judged_by"], when=when)


def _noted(data: Told) -> str:
    if not data["note"]:
        return _("removed the note on pair {pair}").format(**data)
    return _("wrote the note on pair {pair}").format(**data)


def _named(data: Told) -> str:
    return _("named the people of the case: {names}").format(names=", ".join(data["people"]) or _("nobody"))


def _exported(data: Told) -> str:
    if data["time_stamp"] is None:
        return _("exported the case")
    return _("exported the case with a time stamp of {authority}").format(authority=data["time_stamp"])


def _failed(data: Told) -> str:
    return _("could not export the case (entry {export}): {reason}").format(**data)


_KINDS: Mapping[str, Callable[[Told], str]] = {
    "opened": _opened,
    ADDED: _added,
    REMOVED: _removed,
    "verdict": _judged,
    TAKEN: _taken,
    "note_changed": _noted,
    "title_changed": lambda data: _("called the case “{title}”").format(**data),
    "reference_changed": lambda data: _("set the reference to “{reference}”").format(**data),
    "people_changed": _named,
    "notice_changed": lambda _data: _("wrote the notice"),
    "closed": lambda _data: _("closed the case"),
    "reopened": lambda _data: _("opened the case again"),
    "exported": _exported,
    "export_failed": _failed,
}
