import time

from flask import Flask, request

app = Flask(__name__)
visits: list[str] = []


@app.get("/calm")
def calm() -> dict[str, bool]:
    return {"calm": True}


@app.route("/visits", methods=["GET", "POST"])
def see() -> list[str]:
    if request.method == "POST":
        visits.append(request.get_data(as_text=True))
    return visits


@app.get("/hang")
def hang() -> str:
    time.sleep(4)
    return "late"
