"""Facts about where figures come from: files with their hashes, and the versions behind an answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from seamline.client.results import Versions
from seamline.core.photo_warnings import PhotoWarning
from seamline.ranking import taking_weights
from seamline.report.files import PhotoFile
from seamline.report.model import Fact


def moment(time: datetime) -> str:
    """A date and time for the page."""
    return time.strftime("%Y-%m-%d %H:%M:%S %Z").strip()


def photo_facts(
    name: str, file: PhotoFile, sent_sha256: str, size: tuple[int, int], warnings: Iterable[PhotoWarning] = ()
) -> tuple[Fact, ...]:
    """A photo that was sent to the server: the hash is of the bytes that were sent, the warnings are the answer's."""
    facts = [Fact(name, file.name), Fact("SHA-256", sent_sha256, fixed=True)]
    if file.sha256 and file.sha256 != sent_sha256:
        facts.append(Fact("Note", "the file on disk has changed since it was sent", alert=True))
    if file.bytes:
        facts.append(Fact("File", f"{file.bytes:,} bytes, last changed {file.changed}"))
    said = (Fact("Warning", warning.message, alert=True) for warning in warnings)
    return (*facts, Fact("Size", f"{size[0]} x {size[1]} pixels, upright"), *said)


def hash_fact(name: str, indexed: str, file: PhotoFile) -> tuple[tuple[Fact, ...], str]:
    """The hash of an indexed photo, whether the file still has it, and the alert for its picture, empty if it has."""
    said = Fact(name, indexed, fixed=True)
    if not file.sha256:
        state = Fact("File today", f"not available: {file.missing}", alert=True)
        return (said, state), ""
    if file.sha256 == indexed:
        return (said, Fact("File today", "has the hash that was indexed")), ""
    alert = "The file on disk is no longer the one that was indexed."
    state = Fact("File today", "has another hash than the one that was indexed:", alert=True)
    if file.uri is None:  # nothing is told of a file that is not a photo: the record may name any
        return (said, Fact("File today", f"is another one, and no photo: {file.missing}", alert=True)), alert
    return (said, state, Fact("SHA-256 today", file.sha256, fixed=True, alert=True)), alert


def version_facts(versions: Versions, categories: Sequence[str] = ()) -> tuple[Fact, ...]:
    """The software and the weights. `categories`: of the garments, whose words for the parts are taken."""
    return (
        Fact("Seamline", versions.seamline),
        Fact("System", versions.system),
        Fact("Fingerprint of its weights", versions.fingerprint, fixed=True),
        Fact("Detector's fingerprint", versions.detector, fixed=True),
        Fact("Kept from", by_part(versions, versions.kept_above, categories)),
        *_context(versions, categories),
        Fact("Unrelated, mean", by_part(versions, versions.scoring.znorm_mean, categories)),
    )


def _context(versions: Versions, categories: Sequence[str]) -> Iterator[Fact]:
    scoring = versions.scoring
    if scoring.kept_context:
        name = f"Moved by this share of what the other regions' mean lies above {scoring.kept_usual:.2f}"
        yield Fact(name, by_part(versions, scoring.kept_context, categories))


def index_facts(versions: Versions, categories: Sequence[str] = ()) -> tuple[Fact, ...]:
    """What was searched, and how. `categories` as of `version_facts`."""
    index = versions.index
    facts = [Fact("Ranking", versions.ranking or "not stated")]
    if versions.reranker is not None:
        facts.append(Fact("First hits ordered and scored by", versions.reranker))
    if versions.ranking is not None and taking_weights([versions.ranking]):
        facts.append(Fact("Part weights", by_part(versions, versions.part_weights, categories)))
    if index is not None:
        facts.append(Fact("Collection", f"{index.alias} ({index.rows:,} garments)"))
        facts.append(Fact("Stored as", index.collection, fixed=True))
    return tuple(facts)


def by_part(versions: Versions, values: tuple[float, ...], categories: Sequence[str] = ()) -> str:
    """One figure per part, in words for garments of these categories."""
    spoken = [versions.parts.labels_for(category) for category in categories] or [versions.parts.names]
    called = [" or ".join(dict.fromkeys(names)).replace("_", " ") for names in zip(*spoken, strict=True)]
    return ", ".join(f"{name} {value:.2f}" for name, value in zip(called, values, strict=True))
