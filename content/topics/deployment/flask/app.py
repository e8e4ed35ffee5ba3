from flask import Flask, request, url_for

app = Flask(__name__)


@app.get("/seen")
def seen() -> dict[str, str | None]:
    return {
        "client": request.remote_addr,
        "link": url_for("seen", _external=True),
    }


@app.get("/crash")
def crash() -> str:
    raise RuntimeError("not for visitors")
