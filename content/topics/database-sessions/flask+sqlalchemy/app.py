import time
from threading import Thread

from flask import Flask, request
from rows import Employee, add_database, db, log
from sqlalchemy import select

app = Flask(__name__)
add_database(app)


def print_badge(desk: int) -> None:
    time.sleep(0.15)
    with app.app_context():
        employee = db.session.get_one(Employee, desk)
        log.append(f"task: badge for {employee.name}")


@app.post("/desks/<int:desk>")
def take(desk: int) -> dict[str, int]:
    name = request.args["name"]
    db.session.add(Employee(desk=desk, name=name))
    db.session.commit()
    Thread(target=print_badge, args=(desk,)).start()
    return {"desk": desk}


@app.get("/count")
def count() -> dict[str, int]:
    names = db.session.scalars(select(Employee.name))
    return {"count": len(names.all())}


@app.get("/desks")
def read_desks() -> dict[str, list[str]]:
    names = db.session.scalars(select(Employee.name))
    return {"names": list(names)}
