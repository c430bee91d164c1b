"""Photos that the desk has a copy of."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from seamline.desk.store.types import Base, now


class StoredPhoto(Base):
    """A photo as it was received; its bytes lie in `PhotoFiles` under the same hash. Width and height: upright."""

    __tablename__ = "photo"

    sha256: Mapped[str] = mapped_column(primary_key=True)
    bytes: Mapped[int]
    width: Mapped[int]
    height: Mapped[int]
    added_at: Mapped[datetime] = mapped_column(default=now)
