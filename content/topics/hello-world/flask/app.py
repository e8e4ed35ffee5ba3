from flask import Flask

app = Flask(__name__)


@app.get("/")
def home() -> dict[str, str]:
    return {"hello": "world"}


@app.get("/text")
def text() -> str:
    return "Hello, World!"
