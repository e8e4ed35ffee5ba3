import sqlite3

from flask import Flask

app = Flask(__name__)
connection = sqlite3.connect(":memory:", check_same_thread=False)


@app.get("/calm")
def calm() -> dict[str, bool]:
    return {"calm": True}


@app.post("/cursor")
def leave_a_cursor() -> str:
    app.config["CURSOR"] = connection.execute("SELECT 1 UNION ALL SELECT 2")
    return "open"
