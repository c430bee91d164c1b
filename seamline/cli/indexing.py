"""The progress of an indexing run, on stderr, and its summary."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from seamline.cli.output import console, printable, show
from seamline.cli.progress import reported

if TYPE_CHECKING:
    from seamline.catalogue import Failure, Progress

_HIGH_EFFICIENCY = "; `pip install 'seamline[heif]'` reads HEIC, or save it and AVIF as JPEG"
_SHOWN = 20
"""Failures that the summary lists."""
_KINDS = 12
"""Kinds of what was left out that the summary lists."""


@contextmanager
def watched() -> Iterator[Callable[[Progress], None]]:
    """What `index_items` is to call after every photo."""
    with reported() as report:
        yield lambda progress: report(progress.done, progress.total, state(progress))


def state(progress: Progress) -> str:
    """Photos done, rate, failures, time left where the source can be counted, and what is waited for."""
    of = f" of {progress.total:,}" if progress.total is not None else ""
    left = f", {time_left(progress)} left" if progress.total is not None else ""
    waiting = f"; waiting: {progress.waiting_for}" if progress.waiting_for else ""
    return f"{progress.done:,}{of} photos, {pace(progress)}{left}{waiting}"


def pace(progress: Progress) -> str:
    """Photos a second, without those that were skipped, and the failures so far."""
    rate = f"{_rate(progress):.1f}/s"
    return f"{rate}, {progress.failed:,} failed" if progress.failed else rate


def time_left(progress: Progress) -> str:
    """An estimate such as `4:05` or `27:04:05`, `?` while there is none."""
    rate = _rate(progress)
    if rate <= 0 or progress.total is None:
        return "?"
    minutes, seconds = divmod(round((progress.total - progress.done) / rate), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"


def _rate(progress: Progress) -> float:
    worked = progress.done - progress.skipped - progress.repeated
    return worked / progress.seconds if progress.seconds > 0 else 0.0


def to_jsonable(
    collection: str, progress: Progress, left_out: Mapping[str, int], *, dry_run: bool
) -> dict[str, object]:
    """The summary for programs. `failed` lists the first failures, `failures` counts all. `left_out`: of a folder, by
    kind."""
    return {
        "collection": collection,
        "dry_run": dry_run,
        "photos": progress.done,
        "indexed": progress.indexed,
        "skipped": progress.skipped,
        "replaced": progress.replaced,
        "metadata_updated": progress.metadata_updated,
        "repeated": progress.repeated,
        "garments": progress.garments,
        "without_garment": progress.without_garment,
        "warned": dict(sorted(progress.warned.items())),
        "removed": progress.removed,
        "not_removed": progress.not_removed or None,
        "failures": progress.failed,
        "left_out": dict(sorted(left_out.items())),
        "failed": [_plain_failure(failure) for failure in progress.failures],
        "seconds": round(progress.seconds, 3),
    }


def _plain_failure(failure: Failure) -> dict[str, object]:
    item = failure.item
    return {
        "item": None if item is None else item.item,
        "photo": None if item is None else item.photo,
        "place": failure.place if item is None else item.place,
        "reason": failure.reason,
    }


def show_summary(collection: str, progress: Progress, left_out: Mapping[str, int], *, dry_run: bool) -> None:
    """The summary for people. `left_out`: of a folder, by kind."""
    show(_first_line(collection, progress, dry_run))
    for count, what in _counts(progress, dry_run):
        if count:
            show(f"{count:,} {what}")
    if left_out:
        show(f"left out: {kinds_of(left_out)}")
    if progress.failed:
        _show_failures(progress)


def _first_line(collection: str, progress: Progress, dry_run: bool) -> str:
    if dry_run:
        return f"{printable(collection)}: {progress.indexed:,} photos would be indexed; nothing was changed"
    rate = f", {progress.indexed / progress.seconds:.1f} a second" if progress.seconds > 0 else ""
    return (
        f"{printable(collection)}: {progress.indexed:,} photos indexed with {progress.garments:,} garments "
        f"in {progress.seconds:.1f} s{rate}"
    )


def _counts(progress: Progress, dry_run: bool) -> tuple[tuple[int, str], ...]:
    would = "would be" if dry_run else "were"
    return (
        (progress.skipped, "photos were there already"),
        (progress.replaced, f"photos have changed and {would} replaced"),
        (progress.metadata_updated, f"photos were there already and {'would get' if dry_run else 'got'} new metadata"),
        (progress.repeated, "times the source names an item's photo again; it counts once"),
        (progress.without_garment, "photos show no garment"),
        *((count, f"photos were indexed with the warning {code}") for code, count in sorted(progress.warned.items())),
        (progress.removed, f"garments {would} removed, which the source no longer has"),
    )


def kinds_of(left_out: Mapping[str, int]) -> str:
    """What a folder's walk passed over, the most frequent kind first."""
    from seamline.core.photo_names import NOT_DECODED

    ordered = sorted(left_out.items(), key=lambda kind: (-kind[1], kind[0]))
    shown = [f"{count:,} {printable(kind)}" for kind, count in ordered[:_KINDS]]
    rest = sum(count for _, count in ordered[_KINDS:])
    if rest:
        shown.append(f"{rest:,} others")
    return ", ".join(shown) + (_HIGH_EFFICIENCY if NOT_DECODED & set(left_out) else "")


def _why(failure: Failure) -> str:
    place = "" if failure.item is None else failure.item.place
    return f"{failure.reason} ({place})" if place else failure.reason


def _show_failures(progress: Progress) -> None:
    from seamline.cli.tables import table

    rows = table("not indexed", "why")
    for failure in progress.failures[:_SHOWN]:
        rows.add_row(printable(failure.subject), printable(_why(failure)))
    console().print()
    show(rows)
    if progress.failed > _SHOWN:
        show(f"and {progress.failed - _SHOWN:,} more; --failures FILE.jsonl writes all of them down")
