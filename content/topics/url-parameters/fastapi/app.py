from typing import Literal

from fastapi import FastAPI

app = FastAPI()


@app.get("/employees/{employee_id}")
def get_employee(employee_id: int) -> dict[str, int]:
    return {"id": employee_id}


@app.get("/employees/me")
def get_me() -> dict[str, str]:
    return {"id": "me"}


@app.get("/teams/{team}")
def get_team(
    team: Literal["dev", "ops"],
) -> dict[str, str]:
    return {"team": team}


@app.get("/files/{name:path}")
def get_file(name: str) -> dict[str, str]:
    return {"name": name}
