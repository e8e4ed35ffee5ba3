from flask import Flask, abort, request

app = Flask(__name__)
PARTS: dict[str, bool] = {"database": True}


@app.get("/healthz")
def health() -> dict[str, str]:
    return {"status": "ok"}


@app.get("/readyz")
def ready() -> tuple[dict[str, bool], int]:
    return PARTS, 200 if all(PARTS.values()) else 503


@app.put("/parts/<name>")
def report(name: str) -> dict[str, bool]:
    if name not in PARTS:
        abort(404)
    PARTS[name] = request.get_json()
    return PARTS
