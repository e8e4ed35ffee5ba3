"""The tables: revisions, shares, editors, sessions, set-up links, throttle, audit, presence. Nothing else is stored.

Says what the columns are; who may write them is decided in the modules that are named after them. Migrations make the
tables; a test holds them against this module.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar, Literal

from sqlalchemy import (
    JSON,
    DateTime,
    Dialect,
    Enum,
    ForeignKey,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from explorer.topics import Wording
from explorer.wording import read_kept

SCHEMA = "0002"
"""The newest migration: what the database must hold for this code."""

State = Literal["draft", "published", "archived"]
Role = Literal["editor", "publisher", "owner"]
ROLES: tuple[Role, ...] = ("editor", "publisher", "owner")
"""Each may do what those before it may: save drafts; publish, archive and restore; manage editors."""


class Moment(TypeDecorator[datetime]):
    """A point in time, always in UTC and always aware of it; SQLite keeps no time zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return what is stored. Refuses a time without a zone: nobody knows which one was meant."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return what was stored, in UTC."""
        return None if value is None else value.replace(tzinfo=value.tzinfo or UTC).astimezone(UTC)


class Base(DeclarativeBase):
    """What all tables share: times in UTC, and names of constraints that migrations can rely on."""

    metadata = MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: Moment,
        State: Enum("draft", "published", "archived", native_enum=False, create_constraint=False, length=16),
        Role: Enum(*ROLES, native_enum=False, create_constraint=False, length=16),
        dict[str, str]: JSON,
        Mapping[str, Any] | None: JSON(none_as_null=True),
    }


class Revision(Base):
    """A saved version of a topic's words. Append-only: no code changes or deletes a row."""

    __tablename__ = "revisions"
    __table_args__ = (UniqueConstraint("topic", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    """Grows in the order of commits, over all topics: who has seen one has seen all before it."""
    topic: Mapped[str] = mapped_column(String(100))
    number: Mapped[int]
    """1, 2, 3 … within the topic."""
    state: Mapped[State]
    author: Mapped[str] = mapped_column(String(100))
    saved_at: Mapped[datetime]
    why: Mapped[str] = mapped_column(String(500))
    based_on: Mapped[int]
    """The number of the revision that the author had before them; 0 means the shipped words."""
    text: Mapped[str] = mapped_column(Text)
    takeaway: Mapped[str] = mapped_column(Text)
    section: Mapped[str] = mapped_column(String(100))
    position: Mapped[int]
    notes: Mapped[dict[str, str]]
    shipped_hash: Mapped[str | None] = mapped_column(String(64))
    """Fingerprint of the shipped words that this revision takes into account; None if none were shipped."""
    shipped: Mapped[Mapping[str, Any] | None]
    """Those words themselves."""

    @property
    def wording(self) -> Wording:
        """Return the words as they were saved; what `unreadable` names is empty."""
        return read_kept(self._kept)[0]

    @property
    def unreadable(self) -> tuple[str, ...]:
        """Return which fields of the words cannot be read: this code did not write them."""
        return read_kept(self._kept)[1]

    @property
    def shipped_wording(self) -> Wording | None:
        """Return the shipped words that this revision takes into account; what cannot be read of them is empty."""
        return None if self.shipped is None else read_kept(self.shipped)[0]

    @property
    def shipped_unreadable(self) -> tuple[str, ...]:
        """Return which fields of those cannot be read."""
        return () if self.shipped is None else read_kept(self.shipped)[1]

    @property
    def _kept(self) -> Mapping[str, object]:
        words = ("text", "takeaway", "section", "position", "notes")
        return {name: getattr(self, name) for name in words}


class Share(Base):
    """A link to the page of one revision for whoever has it. The token itself is only in the link."""

    __tablename__ = "shares"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    topic: Mapped[str] = mapped_column(String(100), index=True)
    number: Mapped[int]
    """Of the revision."""
    author: Mapped[str] = mapped_column(String(100))
    """Who made the link."""
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class Editor(Base):
    """A person who may sign in to the admin."""

    __tablename__ = "editors"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100), unique=True)
    """In lower case."""
    password: Mapped[str | None] = mapped_column(String(200))
    """An argon2id hash; None until a set-up link was used."""
    role: Mapped[Role]
    disabled: Mapped[bool]
    epoch: Mapped[int]
    """Grows when the password, the role or the right to sign in changes: sessions of an older epoch are over."""
    created_at: Mapped[datetime]


class Session(Base):
    """A signed-in browser. The token itself is only in its cookie."""

    __tablename__ = "sessions"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    editor_id: Mapped[int] = mapped_column(ForeignKey("editors.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    """Moves on while the session is used, up to the longest time a session may last."""
    epoch: Mapped[int]
    """That of the editor at sign-in."""
    editor: Mapped[Editor] = relationship()


class SetupLink(Base):
    """A link that lets somebody choose a password once."""

    __tablename__ = "setup_links"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    editor_id: Mapped[int | None] = mapped_column(ForeignKey("editors.id", ondelete="CASCADE"), index=True)
    """None: for the first owner, who also chooses a name."""
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Throttle(Base):
    """Failed sign-ins of one account, address or both."""

    __tablename__ = "throttle"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    """A hash: neither names nor addresses are stored."""
    since: Mapped[datetime]
    """When the last one was counted."""
    count: Mapped[int]


class Audit(Base):
    """Who changed what, with before and after. Append-only."""

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(primary_key=True)
    who: Mapped[str] = mapped_column(String(100))
    at: Mapped[datetime] = mapped_column(index=True)
    what: Mapped[str] = mapped_column(String(200))
    """A verb and its object: "publish middleware", "disable ada"."""
    before: Mapped[Mapping[str, Any] | None]
    after: Mapped[Mapping[str, Any] | None]


class Presence(Base):
    """Somebody has a topic open in the editor."""

    __tablename__ = "presence"

    editor_id: Mapped[int] = mapped_column(ForeignKey("editors.id", ondelete="CASCADE"), primary_key=True)
    topic: Mapped[str] = mapped_column(String(100), primary_key=True)
    seen_at: Mapped[datetime]
