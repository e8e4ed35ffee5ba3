"""Desks in memory; sessions say what they do."""

import sqlite3
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
from sqlalchemy.pool import StaticPool

log: list[str] = []
connection = sqlite3.connect(
    ":memory:", check_same_thread=False
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
        "creator": lambda: connection,
        "poolclass": StaticPool,
    },
    session_options={"class_": TellingSession},
)


def add_database(app: Flask) -> None:
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
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
