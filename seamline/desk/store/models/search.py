"""Searches that were made at the desk, and weights of parts saved by name."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from seamline.desk.store.types import Base, new_id, now


class SearchRecord(Base):
    """One search with its whole answer, so that a hit can be looked at, and taken into a case, as it was answered.

    `options`: what was asked beside the photo. `answer`: the client's `Searched` in JSON, with the server's VERSIONS.
    """

    __tablename__ = "search"
    __table_args__ = (Index("search_by_owner", "owner", "made_at"),)

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    owner: Mapped[str]
    collection: Mapped[str]
    photo_sha256: Mapped[str] = mapped_column(ForeignKey("photo.sha256"))
    file_name: Mapped[str]
    options: Mapped[dict[str, Any]]
    answer: Mapped[dict[str, Any]]
    made_at: Mapped[datetime] = mapped_column(default=now)


class Preset(Base):
    """Weights of parts under a name that a person gave them."""

    __tablename__ = "preset"
    __table_args__ = (UniqueConstraint("owner", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    owner: Mapped[str]
    name: Mapped[str]
    weights: Mapped[dict[str, Any]]
