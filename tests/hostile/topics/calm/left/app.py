from flask import Flask

app = Flask(__name__)


@app.get("/calm")
def calm() -> dict[str, bool]:
    return {"calm": True}
