import time
from threading import Thread

from flask import Flask, g, request
from rows import Employee, Session, log
from sqlalchemy import select

app = Flask(__name__)


def get_session() -> Session:
    if "session" not in g:
        g.session = Session()
    session: Session = g.session
    return session


@app.teardown_appcontext
def close_session(error: BaseException | None) -> None:
    if session := g.pop("session", None):
        session.close()


def print_badge(desk: int) -> None:
    time.sleep(0.15)
    with Session() as session:
        employee = session.get_one(Employee, desk)
        log.append(f"task: badge for {employee.name}")


@app.post("/desks/<int:desk>")
def take(desk: int) -> dict[str, int]:
    session, name = get_session(), request.args["name"]
    session.add(Employee(desk=desk, name=name))
    session.commit()
    Thread(target=print_badge, args=(desk,)).start()
    return {"desk": desk}


@app.get("/count")
def count() -> dict[str, int]:
    names = Session().scalars(select(Employee.name))
    return {"count": len(names.all())}


@app.get("/desks")
def read_desks() -> dict[str, list[str]]:
    names = get_session().scalars(select(Employee.name))
    return {"names": list(names)}
