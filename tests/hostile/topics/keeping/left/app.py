import sqlite3
from typing import Any

from flask import Flask, Response, redirect, request

app = Flask(__name__)
connection = sqlite3.connect(":memory:", check_same_thread=False)
connection.execute("CREATE TABLE names (name TEXT)")
connection.execute("INSERT INTO names VALUES ('first')")
connection.commit()
names: list[str] = []
PAGE = """<title>Page</title>
<link rel="shortcut icon" href="https://icons.example/icon.png">
<link rel="icon" href="/own.png">
<link href="https://fonts.googleapis.com/css?family=Roboto" rel="stylesheet">
<link rel="stylesheet" href="https://cdn.jsdelivr.net/npm/swagger-ui-dist@5/swagger-ui.css">
<script src="https://cdn.jsdelivr.net/npm/swagger-ui-dist/swagger-ui-bundle.js"></script>
<script src="https://cdn.jsdelivr.net/npm/redoc@2/bundles/redoc.standalone.js"></script>
<script src="https://cdn.example/other.js"></script>
"""


@app.get("/calm")
def calm() -> dict[str, bool]:
    return {"calm": True}


@app.get("/names")
def see() -> dict[str, Any]:
    rows = connection.execute("SELECT name FROM names").fetchall()
    return {"rows": [name for (name,) in rows], "names": names, "cookie": request.cookies.get("name")}


@app.post("/names")
def add() -> Response:
    name = request.get_data(as_text=True)
    connection.execute("INSERT INTO names VALUES (?)", (name,))
    connection.commit()
    names.append(name)
    answer = redirect("names")
    answer.set_cookie("name", name[:10])
    return answer


@app.post("/open")
def leave_open() -> str:
    connection.execute("INSERT INTO names VALUES ('open')")
    return "open"


@app.get("/page")
def page() -> str:
    return PAGE


@app.get("/leave")
def leave() -> Response:
    return redirect(request.args["to"])
