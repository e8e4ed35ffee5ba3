from typing import Any

from flask import Flask, Request, abort
from flask_injector import FlaskInjector
from flask_injector import request as per_request
from injector import inject

app = Flask(__name__)
LOG: list[str] = []


@per_request
class Db(dict[int, str]):
    def __init__(self) -> None:
        LOG.append("begin")
        super().__init__({1: "Ada", 2: "Grace"})


@per_request
class User:
    @inject
    def __init__(self, db: Db, r: Request) -> None:
        user_id = r.args.get("user_id", type=int)
        if user_id is None:
            abort(400)
        self.name = db.get(user_id) or abort(404)


@app.get("/me")
def read_me(db: Db, u: User) -> dict[str, Any]:
    return {"user": u.name, "size": len(db), "log": LOG}


FlaskInjector(app)
