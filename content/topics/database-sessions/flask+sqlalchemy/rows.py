"""Desks in a SQLite file; sessions say what they do.

Through `connection` the site puts the file back.
"""

import sqlite3
from tempfile import TemporaryDirectory
from typing import Any

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session
from sqlalchemy import event
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    mapped_column,
)

log: list[str] = []
folder = TemporaryDirectory()
file = f"{folder.name}/desks.db"
connection = sqlite3.connect(
    file, check_same_thread=False
)


class Base(DeclarativeBase):
    pass


class Employee(Base):
    __tablename__ = "employee"

    desk: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class TellingSession(Session):
    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        log.append("session opened")

    def close(self) -> None:
        super().close()
        log.append("session closed")


db = SQLAlchemy(
    model_class=Base,
    engine_options={
        "pool_size": 1,
        "max_overflow": 0,
        "pool_timeout": 0.3,
    },
    session_options={"class_": TellingSession},
)


def add_database(app: Flask) -> None:
    uri = f"sqlite:///{file}"
    app.config["SQLALCHEMY_DATABASE_URI"] = uri
    db.init_app(app)
    with app.app_context():
        Base.metadata.create_all(db.engine)
        db.session.add(Employee(desk=7, name="Ada"))
        db.session.commit()
        event.listen(db.engine, "commit", committed)
        event.listen(db.engine, "rollback", rolled_back)
    log.clear()


def committed(_: object) -> None:
    log.append("commit")


def rolled_back(_: object) -> None:
    log.append("rollback")
