from collections.abc import Iterator
from typing import Annotated

from fastapi import BackgroundTasks, Depends, FastAPI
from rows import Employee, Session, log
from sqlalchemy import select

app = FastAPI()


def get_session() -> Iterator[Session]:
    with Session() as session:
        yield session
        session.commit()


Db = Annotated[
    Session, Depends(get_session, scope="function")
]


def print_badge(employee: Employee) -> None:
    log.append(f"task: badge for {employee.name}")


@app.post("/desks/{desk}")
def take(
    desk: int,
    name: str,
    session: Db,
    tasks: BackgroundTasks,
) -> dict[str, int]:
    employee = Employee(desk=desk, name=name)
    session.add(employee)
    tasks.add_task(print_badge, employee)
    return {"desk": desk}


@app.get("/count")
def count() -> dict[str, int]:
    names = Session().scalars(select(Employee.name))
    return {"count": len(names.all())}


@app.get("/desks")
def read_desks(session: Db) -> dict[str, list[str]]:
    names = session.scalars(select(Employee.name))
    return {"names": list(names)}
