from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context

from flask import Flask, g, request

app = Flask(__name__)


@app.before_request
def read_user() -> None:
    g.user = request.headers.get("X-User", 0, int)


def greet() -> str:
    return f"hello {g.user}"


@app.get("/own")
def own() -> dict[str, int]:
    return {"user": g.user}


@app.get("/helper")
def helper() -> dict[str, str]:
    return {"says": greet()}


@app.get("/thread")
def thread() -> dict[str, str]:
    with ThreadPoolExecutor(1) as pool:
        job = pool.submit(greet)
    return {"says": job.result()}


@app.get("/copied")
def copied() -> dict[str, str]:
    work = copy_context()
    with ThreadPoolExecutor(1) as pool:
        job = pool.submit(work.run, greet)
    return {"says": job.result()}
