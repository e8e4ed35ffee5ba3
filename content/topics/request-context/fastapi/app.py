from concurrent.futures import ThreadPoolExecutor
from typing import Annotated

from fastapi import Depends, FastAPI, Header

app = FastAPI()


def read_user(
    x_user: Annotated[int, Header()] = 0,
) -> int:
    return x_user


User = Annotated[int, Depends(read_user)]


def greet(user: int) -> str:
    return f"hello {user}"


@app.get("/own")
def own(user: User) -> dict[str, int]:
    return {"user": user}


@app.get("/helper")
def helper(user: User) -> dict[str, str]:
    return {"says": greet(user)}


@app.get("/copied")
@app.get("/thread")
def thread(user: User) -> dict[str, str]:
    with ThreadPoolExecutor(1) as pool:
        job = pool.submit(greet, user)
    return {"says": job.result()}
