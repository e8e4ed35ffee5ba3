from typing import Any

from flask import Flask, abort, g, request

app = Flask(__name__)
Users = dict[int, str]
LOG: list[str] = []


def get_db() -> Users:
    if "db" not in g:
        LOG.append("begin")
        g.db = {1: "Ada", 2: "Grace"}
    db: Users = g.db
    return db


@app.teardown_appcontext
def close_db(error: BaseException | None) -> None:
    if g.pop("db", None):
        LOG.append("rollback" if error else "commit")


def get_user() -> str:
    user_id = request.args.get("user_id", type=int)
    if user_id is None:
        abort(400)
    return get_db().get(user_id) or abort(404)


@app.get("/me")
def read_me() -> dict[str, Any]:
    user, db = get_user(), get_db()
    return {"user": user, "size": len(db), "log": LOG}
