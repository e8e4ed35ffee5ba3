"""Desks in memory; sessions say what they do."""

import sqlite3

from sqlalchemy import create_engine, event, orm
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.pool import StaticPool

log: list[str] = []
connection = sqlite3.connect(
    ":memory:", check_same_thread=False
)
engine = create_engine(
    "sqlite://",
    creator=lambda: connection,
    poolclass=StaticPool,
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
        log.append("session opened")

    def close(self) -> None:
        super().close()
        log.append("session closed")


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
