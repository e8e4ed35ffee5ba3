from importlib.metadata import packages_distributions

from flask import Flask, abort
from tree import installed_with

app = Flask(__name__)
PACKAGES = installed_with("flask")


@app.get("/packages")
def packages() -> list[str]:
    return sorted(PACKAGES)


@app.get("/has/<module>")
def has(module: str) -> dict[str, bool]:
    if not module.isidentifier():
        abort(400)
    origins = packages_distributions().get(module, [])
    names = {origin.lower() for origin in origins}
    return {module: bool(names & PACKAGES)}
