from typing import Annotated

from fastapi import FastAPI, Query

app = FastAPI()


@app.get("/employees")
def list_employees(
    department: str,
    limit: int = 10,
) -> dict[str, str | int]:
    return {"department": department, "limit": limit}


@app.get("/search")
def search_employees(
    tag: Annotated[
        list[str], Query(default_factory=list)
    ],
    active: bool = True,
) -> dict[str, list[str] | bool]:
    return {"tags": tag, "active": active}
