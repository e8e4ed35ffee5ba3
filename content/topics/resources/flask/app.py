from flask import Flask, abort, redirect
from werkzeug.wrappers import Response

app = Flask(__name__)
READING = [
    "https://flask.palletsprojects.com/en/stable/",
    "https://werkzeug.palletsprojects.com/en/stable/",
    "https://gunicorn.org/",
]


@app.get("/reading")
def reading() -> list[str]:
    return READING


@app.get("/reading/<int:number>")
def go(number: int) -> Response:
    if number >= len(READING):
        abort(404)
    return redirect(READING[number])
