from flask import Flask, url_for

app = Flask(__name__)


@app.get("/")
def links() -> dict[str, str]:
    return {
        "css": url_for("static", filename="app.css"),
    }
