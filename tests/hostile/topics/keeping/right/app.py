import sqlite3
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import RedirectResponse

app = FastAPI()
connection = sqlite3.connect(":memory:", check_same_thread=False)
connection.execute("CREATE TABLE names (name TEXT)")
connection.execute("INSERT INTO names VALUES ('first')")
connection.commit()
names: list[str] = []


@app.get("/calm")
def calm() -> dict[str, bool]:
    return {"calm": True}


@app.get("/names")
def see(request: Request) -> dict[str, Any]:
    rows = connection.execute("SELECT name FROM names").fetchall()
    return {"rows": [name for (name,) in rows], "names": names, "cookie": request.cookies.get("name")}


@app.post("/names")
async def add(request: Request) -> Response:
    name = (await request.body()).decode()
    connection.execute("INSERT INTO names VALUES (?)", (name,))
    connection.commit()
    names.append(name)
    answer = RedirectResponse(request.url_for("see"), 302)
    answer.set_cookie("name", name[:10])
    return answer


@app.post("/open")
def leave_open() -> str:
    connection.execute("INSERT INTO names VALUES ('open')")
    return "open"
