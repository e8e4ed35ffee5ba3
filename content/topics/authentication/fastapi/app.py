from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import (
    HTTPBasic,
    HTTPBasicCredentials,
)
from users import known

app = FastAPI()
basic = HTTPBasic(realm="demo")
Given = Annotated[HTTPBasicCredentials, Depends(basic)]
BASIC = {"WWW-Authenticate": 'Basic realm="demo"'}


def current_user(given: Given) -> str:
    if known(given.username, given.password):
        return given.username
    raise HTTPException(401, headers=BASIC)


@app.get("/me")
def me(
    user: Annotated[str, Depends(current_user)],
) -> dict[str, str]:
    return {"user": user}
