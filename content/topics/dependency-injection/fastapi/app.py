from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import Depends, FastAPI, HTTPException

app = FastAPI()
Users = dict[int, str]
LOG: list[str] = []


def get_db() -> Iterator[Users]:
    LOG.append("begin")
    try:
        yield {1: "Ada", 2: "Grace"}
    except Exception:
        LOG.append("rollback")
        raise
    LOG.append("commit")


Db = Annotated[Users, Depends(get_db, scope="function")]


def get_user(db: Db, user_id: int) -> str:
    if user_id not in db:
        raise HTTPException(404)
    return db[user_id]


@app.get("/me")
def read_me(
    db: Db, user: Annotated[str, Depends(get_user)]
) -> dict[str, Any]:
    return {"user": user, "size": len(db), "log": LOG}
