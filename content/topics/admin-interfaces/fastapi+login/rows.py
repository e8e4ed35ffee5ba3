"""The table that the admin edits, in memory."""

import logging
import sqlite3

from sqlalchemy import create_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    Session,
    mapped_column,
)
from sqlalchemy.pool import StaticPool

connection = sqlite3.connect(
    ":memory:", check_same_thread=False
)
engine = create_engine(
    "sqlite://",
    creator=lambda: connection,
    poolclass=StaticPool,
)


class Base(DeclarativeBase):
    pass


class Employee(Base):
    __tablename__ = "employee"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    desk: Mapped[int] = mapped_column(unique=True)


# SQLAdmin logs what it shows on the page.
logging.getLogger("sqladmin.application").addFilter(
    lambda line: "employee.desk" not in str(line.msg)
)
Base.metadata.create_all(engine)
with Session(engine) as session:
    session.add(Employee(name="Ada", desk=7))
    session.add(Employee(name="Zoë", desk=9))
    session.commit()
