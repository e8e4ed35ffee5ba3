"""The table that the admin edits, in memory."""

import sqlite3

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.pool import StaticPool

connection = sqlite3.connect(
    ":memory:", check_same_thread=False
)
db = SQLAlchemy(
    engine_options={
        "creator": lambda: connection,
        "poolclass": StaticPool,
    }
)


class Employee(db.Model):
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    desk: Mapped[int] = mapped_column(unique=True)


def add_database(app: Flask) -> None:
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
    db.init_app(app)
    with app.app_context():
        db.create_all()
        db.session.add(Employee(name="Ada", desk=7))
        db.session.add(Employee(name="Zoë", desk=9))
        db.session.commit()
