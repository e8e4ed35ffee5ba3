from flask import (
    Flask,
    Response,
    render_template,
    request,
)

app = Flask(__name__)


@app.get("/")
def home() -> str:
    name = request.args.get("name", "")
    return render_template("index.html", name=name)


@app.get("/bare")
def bare() -> str:
    return "<h1>Hello</h1>"


@app.get("/badge/<int:team>")
def badge(team: int) -> Response:
    name = f"R&D {team}"
    svg = render_template("badge.svg", team=name)
    return Response(svg, mimetype="image/svg+xml")
