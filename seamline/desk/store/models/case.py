"""Cases, the pairs in them, and their log."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from seamline.desk.store.types import Base, new_id, now


class Case(Base):
    """What is handed on. `collection`: whose grant decides who sees it. `status`: open or closed."""

    __tablename__ = "case_file"
    __table_args__ = (Index("case_by_collection", "collection", "opened_at"),)

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    title: Mapped[str]
    reference: Mapped[str] = mapped_column(default="")
    status: Mapped[str] = mapped_column(default="open")
    collection: Mapped[str]
    people: Mapped[list[Any]] = mapped_column(default=list)
    notice: Mapped[str] = mapped_column(default="")
    opened_by: Mapped[str]
    opened_at: Mapped[datetime] = mapped_column(default=now)


class CasePair(Base):
    """Two garments of a case, as they were answered: `pair` as of `seamline.desk.pairs.Pair`, `answer` the server's.

    Both photos are copied into the store, so that the case outlives the catalogue. A photo that could not be copied
    when the pair was added has no hash here, and is `gone`, or `changed` since it was indexed.
    """

    __tablename__ = "case_pair"
    __table_args__ = (UniqueConstraint("case_id", "number"),)

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"))
    number: Mapped[int]
    query_sha256: Mapped[str | None] = mapped_column(ForeignKey("photo.sha256"))
    hit_sha256: Mapped[str | None] = mapped_column(ForeignKey("photo.sha256"))
    query_missing: Mapped[str] = mapped_column(default="")
    hit_missing: Mapped[str] = mapped_column(default="")
    pair: Mapped[dict[str, Any]]
    answer: Mapped[dict[str, Any]]
    suspect_id: Mapped[str | None] = mapped_column(ForeignKey("suspect.id"))
    verdict: Mapped[str | None]
    judged_by: Mapped[str | None]
    judged_at: Mapped[datetime | None]
    note: Mapped[str] = mapped_column(default="")


class CaseEntry(Base):
    """One entry of a case's log, chained to the one before it by its digest; never changed."""

    __tablename__ = "case_entry"

    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[str]
    who: Mapped[str]
    kind: Mapped[str]
    data: Mapped[dict[str, Any]]
    previous: Mapped[str]
    digest: Mapped[str]
