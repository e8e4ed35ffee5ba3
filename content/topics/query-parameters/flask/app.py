from flask import Flask, request

app = Flask(__name__)


@app.get("/employees")
def list_employees() -> dict[str, str | int]:
    department = request.args["department"]
    limit = request.args.get("limit", 10, type=int)
    return {"department": department, "limit": limit}


@app.get("/search")
def search_employees() -> dict[str, list[str] | bool]:
    tags = request.args.getlist("tag")
    active = request.args.get("active", True, type=bool)
    return {"tags": tags, "active": active}
