from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar, copy_context
from typing import Annotated

from fastapi import Depends, FastAPI, Header, Request

USER: ContextVar[int] = ContextVar("USER", default=0)


def read_user(
    request: Request,
    x_user: Annotated[int, Header()] = 0,
) -> None:
    request.state.user = x_user
    USER.set(x_user)


app = FastAPI(dependencies=[Depends(read_user)])


def greet() -> str:
    return f"hello {USER.get()}"


@app.get("/own")
def own(request: Request) -> dict[str, int]:
    return {"user": request.state.user}


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
