from flask import Flask, redirect
from werkzeug.wrappers import Response

app = Flask(__name__)


def get_total() -> int:
    return 100


@app.get("/share/<int:people>")
def share(people: int) -> dict[str, int]:
    return {"share": get_total() // people}


@app.get("/half")
def half() -> Response:
    return redirect("/share/2")
