from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.staticfiles import StaticFiles

app = FastAPI()
folder = Path(__file__).parent / "static"
static = StaticFiles(directory=folder)
app.mount("/static", static, name="static")


@app.get("/")
def links(request: Request) -> dict[str, str]:
    css = request.url_for("static", path="app.css")
    return {"css": str(css)}
