"""Desks in a SQLite file; sessions say what they do.

Through `connection` the site puts the file back.
"""

import sqlite3
from tempfile import TemporaryDirectory

from sqlalchemy import create_engine, event, orm
from sqlalchemy.orm import Mapped, mapped_column

log: list[str] = []
folder = TemporaryDirectory()
file = f"{folder.name}/desks.db"
connection = sqlite3.connect(
    file, check_same_thread=False
)
engine = create_engine(
    f"sqlite:///{file}",
    pool_size=1,
    max_overflow=0,
    pool_timeout=0.3,
)


class Base(orm.DeclarativeBase):
    pass


class Employee(Base):
    __tablename__ = "employee"

    desk: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class Session(orm.Session):
    def __init__(self) -> None:
        super().__init__(engine)
        unclosed.add(self)
        log.append("session opened")

    def close(self) -> None:
        super().close()
        unclosed.discard(self)
        log.append("session closed")


unclosed: set[Session] = set()
Base.metadata.create_all(engine)
with orm.Session(engine) as first:
    first.add(Employee(desk=7, name="Ada"))
    first.commit()


@event.listens_for(engine, "commit")
def committed(_: object) -> None:
    log.append("commit")


@event.listens_for(engine, "rollback")
def rolled_back(_: object) -> None:
    log.append("rollback")
