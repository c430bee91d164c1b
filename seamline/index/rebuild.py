"""A collection that replaces another under its name, without a moment in which a search fails.

The new one is filled beside the old one, warmed and published by moving aliases. The old one goes on answering for its
weights and stays for a rollback until it is pruned.
"""

from __future__ import annotations

import contextlib
import dataclasses

from seamline.core.collection_names import check_name
from seamline.core.errors import BadOption, NotFound
from seamline.index.aliases import NamedCollections
from seamline.index.collection import Collection, Report
from seamline.index.garment import Shape
from seamline.index.names import Physical, building_alias, fingerprint_alias, tells_predecessor
from seamline.index.schema import fitting, indexed_fields
from seamline.index.search_params import SearchParams


@dataclasses.dataclass(frozen=True)
class CollectionVersion:
    """A collection beside the one that its name stands for.

    `state`: "serves its weights" where servers with its weights are answered by it, "being filled" by a rebuild that
    has not ended, "kept" where it has answered once, or "unfinished", which a program left that was killed.
    """

    physical: str
    fingerprint: str
    rows: int
    state: str


@dataclasses.dataclass(frozen=True)
class CollectionInfo:
    """A collection as `seamline collections` lists it. `kept`: those beside it, oldest first.

    `physical` and `fingerprint` are empty where nothing answers yet, because the first import or rebuild was stopped.
    """

    name: str
    rows: int
    fingerprint: str
    physical: str
    kept: tuple[CollectionVersion, ...] = ()


class Index(NamedCollections):
    """A Milvus server: Milvus Lite, standalone or a cluster, by its address."""

    def collections(self) -> list[CollectionInfo]:
        """All collections with their rows, their weights and what is kept beside them."""
        made = self._all()
        found = []
        for name in sorted({entry.name for entry in made}):
            with contextlib.suppress(NotFound):  # dropped since it was listed
                found.append(self._info(name, [entry for entry in made if entry.name == name]))
        return found

    def _info(self, name: str, made: list[Physical]) -> CollectionInfo:
        present = self._present(name)
        kept = tuple(self._kept(entry) for entry in made if present is None or entry != present.made_as)
        if present is None:
            return CollectionInfo(name, 0, "", "", kept)
        return CollectionInfo(name, present.rows(), present.fingerprint, present.physical, kept)

    def _present(self, name: str) -> Collection | None:
        return self._find(check_name(name), name)

    def _kept(self, made: Physical) -> CollectionVersion:
        rows = self._open(made.name, str(made)).rows() if self._is_indexed(made) else 0
        return CollectionVersion(str(made), made.fingerprint, rows, self._state(made))

    def _state(self, made: Physical) -> str:
        """As in `CollectionVersion`, or "answers". What was never published nor replaced has never been whole."""
        aliases = self._aliases(made)
        if made.name in aliases:
            return "answers"
        if made.unfinished.intersection(aliases):
            return "being filled"
        if fingerprint_alias(made.name, made.fingerprint) in aliases:
            return "serves its weights"
        replaced = any(map(tells_predecessor, aliases))
        return "kept" if replaced or self._find(made.name, made.before) is not None else "unfinished"

    def build_beside(self, name: str, fingerprint: str, shape: Shape, *, copying: bool = False) -> Collection:
        """A collection to fill beside the one that answers; the one that an interrupted rebuild left is taken again.

        `copying`: it is filled with rows that are there already, not with photos embedded anew; each goes on with its
        own kind only. Raises BadOption while a rebuild for other weights or other index settings is unfinished,
        Unsupported for index settings that this Milvus cannot do.
        """
        alias = building_alias(check_name(name), copying)
        begun = self._begun(name, alias)
        if begun is None:
            return self._open(name, str(self._create(name, fingerprint, shape, alias)))
        if (begun.fingerprint, begun.shape) != (fingerprint, shape):
            raise BadOption(_unfinished(name, f"for the weights {begun.fingerprint}", "finish it"))
        self._resume(begun)
        return begun

    def _begun(self, name: str, alias: str) -> Collection | None:
        """What an interrupted rebuild left, None for nothing.

        One whose publication was stopped when the name stood for it answers, and is not to be filled any more.
        """
        begun = self._find(name, alias)
        if begun is None or name not in self._aliases(begun.made_as):
            return begun
        self._forget(alias)
        return None

    def _resume(self, begun: Collection) -> None:
        """Make of one that was stopped while it was made a whole one. Raises BadOption for other index settings."""
        server, other = self._able(), _unfinished(begun.name, "with other index settings", "finish it with those")
        if (begun.precision, begun.partitioned) != (self.settings.precision, self.settings.partition_by_category):
            raise BadOption(other)
        found = self._indexes(begun.made_as)
        if "vector" in found:
            described = self.call(lambda client: client.describe_index(begun.physical, "vector"))
            if not fitting(described, self.settings):
                raise BadOption(other)
        if not found.issuperset(indexed_fields(server.index_of_numbers)):
            self._prepare(begun.made_as, server)

    def _find(self, name: str, alias: str) -> Collection | None:
        try:
            return self._open(name, alias)
        except NotFound:
            return None

    def publish(self, collection: Collection, report: Report | None = None) -> None:
        """Let `collection` answer under its name and for its weights. The one before it stays for `rollback`.

        Waits until its index is built; `report` hears of rows indexed and rows in all. A server that was given the new
        weights is answered from the first alias on, everybody else from the second.
        """
        new = collection.made_as
        _warm(collection, report)
        present = self._present(new.name)
        if present is not None and present.made_as != new:
            self._point(new.before, present.made_as)
        self._put(new, present)

    def _put(self, new: Physical, present: Collection | None) -> None:
        """Move the aliases to a collection that can answer."""
        if present is not None and present.fingerprint != new.fingerprint:
            self._point(fingerprint_alias(new.name, present.fingerprint), present.made_as)
        self._point(fingerprint_alias(new.name, new.fingerprint), new)
        self._point(new.name, new)
        for made in (new,) if present is None else (new, present.made_as):
            for alias in made.unfinished.intersection(self._aliases(made)):
                self._forget(alias)

    def rollback(self, name: str) -> Collection:
        """Let the collection which the present one replaced answer again. Raises NotFound without one.

        Repeated, it goes further back, always to what has answered before.
        """
        present = self.open(name)
        before = self._find(name, present.made_as.before)
        if before is None:
            raise NotFound(f"no older collection of {name!r} is kept")
        _warm(before)
        self._put(before.made_as, present)
        return self.open(name)

    def prune(self, name: str, unfinished: bool = False) -> list[str]:
        """Delete the collections of `name` that it no longer stands for; gives their physical names.

        What is being filled or was left unfinished stays unless `unfinished` is set. Raises NotFound when there is
        none at all.
        """
        everything = self._all(check_name(name))
        if not everything:
            self.open(name)  # says that there is none
        spared = {"answers"} if unfinished else {"answers", "being filled", "unfinished"}
        to_delete = [made for made in everything if self._state(made) not in spared]  # each shows what the others were
        for made in to_delete:
            self._drop(made)
        return [str(made) for made in to_delete]


def _warm(collection: Collection, report: Report | None = None) -> None:
    """Everything written is visible, indexed, in memory and has been searched once."""
    collection.flush()
    collection.wait_until_visible()
    collection.wait_until_indexed(report)
    sample = collection.cohort(collection.rows())
    if len(sample):
        collection.candidates_of([sample[0].reshape(-1)], SearchParams(10))


def _unfinished(name: str, what: str, way: str) -> str:
    return (
        f"a rebuild of {name!r} {what} is unfinished; {way}, or remove it with "
        f"`seamline collections prune {name} --unfinished`"
    )
