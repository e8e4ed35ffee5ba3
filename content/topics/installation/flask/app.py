from flask import Flask, abort
from tree import installed_with, modules_of

app = Flask(__name__)
PACKAGES = installed_with("flask")
MODULES = modules_of(PACKAGES)


@app.get("/packages")
def packages() -> list[str]:
    return sorted(PACKAGES)


@app.get("/has/<module>")
def has(module: str) -> dict[str, bool]:
    if not module.isidentifier():
        abort(400)
    return {module: module in MODULES}
