from flask import Flask

app = Flask(__name__)


@app.get("/employees/<int:employee_id>")
def get_employee(employee_id: int) -> dict[str, int]:
    return {"id": employee_id}


@app.get("/employees/me")
def get_me() -> dict[str, str]:
    return {"id": "me"}


@app.get("/teams/<any(dev, ops):team>")
def get_team(team: str) -> dict[str, str]:
    return {"team": team}


@app.get("/files/<path:name>")
def get_file(name: str) -> dict[str, str]:
    return {"name": name}
