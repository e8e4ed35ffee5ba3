import sqlite3

from flask import Flask

app = Flask(__name__)
connection = sqlite3.connect(":memory:", check_same_thread=False)
connection.execute("CREATE TABLE names (name TEXT)")
connection.execute("INSERT INTO names VALUES ('first'), ('second')")
connection.commit()


@app.get("/calm")
def calm() -> dict[str, bool]:
    return {"calm": True}


@app.post("/cursor")
def leave_a_cursor() -> str:
    app.config["CURSOR"] = connection.execute("SELECT * FROM names")
    return "open"
