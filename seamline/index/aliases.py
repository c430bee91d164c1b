"""The collections of one Milvus by name, and by the weights that fill them.

People and listings use the alias NAME. A server asks for the alias of its own weights, so that one on older weights
goes on with the collection that it knows while another is built and published beside it.
"""

from __future__ import annotations

import contextlib

from seamline.core.collection_names import check_name
from seamline.core.errors import InternalError, NotFound, SeamlineError
from seamline.index.collection import Collection, NotOurs
from seamline.index.connection import PATIENCE, Connection
from seamline.index.garment import Shape
from seamline.index.names import Physical, fingerprint_alias
from seamline.index.schema import indexes_of, schema_of, spread_of
from seamline.index.server import Server


class NamedCollections(Connection):
    """Collections by name: open, make, drop."""

    def names(self) -> list[str]:
        """Names of all collections of seamline; others that the same Milvus holds are left out."""
        return sorted({made.name for made in self._all() if made.name in self._aliases(made)})

    def open(self, name: str, fingerprint: str | None = None) -> Collection:
        """A collection by name; with a `fingerprint`, the one of these weights, or `name`'s when they have none.

        Raises NotFound, or BadOption for an impossible name.
        """
        check_name(name)
        if fingerprint is not None:
            with contextlib.suppress(NotFound):
                return self._open(name, fingerprint_alias(name, fingerprint))
        try:
            return self._open(name, name)
        except NotOurs:
            raise
        except NotFound:
            raise NotFound(
                f"the collection {name!r} does not exist; `seamline collections` lists what there is"
            ) from None

    def reopened(self, collection: Collection) -> Collection:
        """The same physical collection as it is now, whatever its name stands for. Raises NotFound."""
        return self._open(collection.name, collection.physical)

    def physical_names(self) -> set[str]:
        """The physical collections of seamline, whatever stands for them."""
        return set(map(str, self._all()))

    def create(self, name: str, fingerprint: str, shape: Shape) -> Collection:
        """Make an empty collection for vectors (P, D) of the weights `fingerprint`.

        Raises Unsupported for index settings that this Milvus cannot do.
        """
        physical = self._create(name, fingerprint, shape)
        try:
            self.call(lambda client: client.create_alias(str(physical), name))
        except BaseException:
            self._remove(physical)
            raise
        self._point(fingerprint_alias(name, fingerprint), physical)
        return self.open(name)

    def open_or_create(self, name: str, fingerprint: str, shape: Shape) -> Collection:
        """The collection, made when it is missing. Raises FingerprintMismatch when other weights filled it."""
        try:
            collection = self.open(name, fingerprint)
        except NotFound:
            collection = self._create_or_join(name, fingerprint, shape)
        collection.check(fingerprint)
        return collection

    def _create_or_join(self, name: str, fingerprint: str, shape: Shape) -> Collection:
        """Make the collection, or take the one that another program made in the same moment."""
        try:
            return self.create(name, fingerprint, shape)
        except InternalError:
            return self.open(name)

    def drop(self, name: str) -> None:
        """Delete a collection, its rows and everything kept beside it. Raises NotFound."""
        self.open(name)
        for made in reversed(self._all(name)):
            self._drop(made)

    def all_versions(self, name: str) -> list[Collection]:
        """All collections of `name`: the one that answers, those that are being filled and those kept, oldest first.

        What is deleted from all of them does not come back with a rollback or with what a rebuild publishes. Raises
        NotFound when there is none.
        """
        found = [self._open(name, str(made)) for made in self._all(check_name(name)) if self._is_indexed(made)]
        return found or [self.open(name)]

    def _create(self, name: str, fingerprint: str, shape: Shape, alias: str | None = None) -> Physical:
        """A new physical collection, in memory; `alias` stands for it from its first moment on."""
        physical, server = Physical.new(check_name(name), fingerprint), self._able()
        schema, spread = schema_of(shape, self.settings), spread_of(self.settings)
        try:
            self.call(lambda client: client.create_collection(str(physical), schema=schema, **spread), PATIENCE)
            if alias is not None:
                self._point(alias, physical)
            self._prepare(physical, server)
        except BaseException:
            self._remove(physical)
            raise
        return physical

    def _prepare(self, physical: Physical, server: Server) -> None:
        """Make the indexes and bring the collection into memory."""
        indexes = indexes_of(self.settings, server.index_of_numbers)
        self.call(lambda client: client.create_index(str(physical), indexes), PATIENCE)
        self._open(physical.name, str(physical)).load()

    def _is_indexed(self, physical: Physical) -> bool:
        """Whether the index of the vectors is there; one without it was stopped while it was made and has no rows."""
        return "vector" in self._indexes(physical)

    def _indexes(self, physical: Physical) -> set[str]:
        with contextlib.suppress(NotFound):  # dropped since it was listed
            return set(self.call(lambda client: client.list_indexes(str(physical))))
        return set()

    def _able(self) -> Server:
        """The server, which can do what the settings want. Raises Unsupported."""
        server = Server.of(self.call(lambda client: client.get_server_version()))
        server.check(self.settings)
        return server

    def _open(self, name: str, alias: str) -> Collection:
        return Collection(self, name, self.call(lambda client: client.describe_collection(alias)))

    def _all(self, name: str | None = None) -> list[Physical]:
        """The physical collections of seamline, of `name` or of all names, oldest first."""
        entries = self.call(lambda client: client.list_collections())
        parsed = [found for entry in entries if (found := Physical.parse(entry))]
        return sorted(found for found in parsed if name is None or found.name == name)

    def _aliases(self, physical: Physical) -> list[str]:
        with contextlib.suppress(NotFound):  # dropped since it was listed
            return list(self.call(lambda client: client.list_aliases(str(physical)))["aliases"])
        return []

    def _drop(self, physical: Physical) -> None:
        """Delete a collection and its aliases, those last that say that it is being filled."""
        aliases = self._aliases(physical)
        for alias in sorted(aliases, key=lambda alias: alias in physical.unfinished):
            self._forget(alias)
        self.call(lambda client: client.drop_collection(str(physical)), PATIENCE)
        with contextlib.suppress(NotFound):
            self._forget(physical.before)

    def _remove(self, physical: Physical) -> None:
        """Delete what could not be finished; the error that stopped it counts, not one of the deletion."""
        with contextlib.suppress(SeamlineError):
            self._drop(physical)

    def _forget(self, alias: str) -> None:
        self.call(lambda client: client.drop_alias(alias))

    def _point(self, alias: str, physical: Physical) -> None:
        """Let an alias stand for a collection, whether or not it exists already."""
        try:
            self.call(lambda client: client.alter_alias(str(physical), alias))
        except NotFound:
            self.call(lambda client: client.create_alias(str(physical), alias))
