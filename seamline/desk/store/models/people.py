"""Who is signed in."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from seamline.desk.store.types import Base, now


class SignIn(Base):
    """A browser in which somebody has signed in. The store knows only the digest of what the browser shows.

    `password_mark`: of the password that was given, so that the session ends with it.
    """

    __tablename__ = "sign_in"

    token_sha256: Mapped[str] = mapped_column(primary_key=True)
    user: Mapped[str]
    csrf: Mapped[str]
    password_mark: Mapped[str]
    made_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime]
