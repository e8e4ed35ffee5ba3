from pathlib import Path

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse
from fastapi.templating import Jinja2Templates

app = FastAPI()
folder = Path(__file__).parent / "templates"
templates = Jinja2Templates(folder)


@app.get("/", response_class=HTMLResponse)
def home(request: Request, name: str = "") -> Response:
    return templates.TemplateResponse(
        request,
        "index.html",
        {"name": name},
    )


@app.get("/bare")
def bare() -> str:
    return "<h1>Hello</h1>"


@app.get("/badge/{team}")
def badge(request: Request, team: int) -> Response:
    return templates.TemplateResponse(
        request,
        "badge.svg",
        {"team": f"R&D {team}"},
        media_type="image/svg+xml",
    )
