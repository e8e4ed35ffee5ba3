from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import (
    OAuth2PasswordBearer,
    OAuth2PasswordRequestForm,
)
from tokens import holder, issue
from users import known

app = FastAPI()
bearer = OAuth2PasswordBearer(tokenUrl="login")
Form = Annotated[OAuth2PasswordRequestForm, Depends()]
Token = Annotated[str, Depends(bearer)]
BEARER = {"WWW-Authenticate": "Bearer"}


@app.post("/login")
def log_in(form: Form) -> dict[str, str]:
    if not known(form.username, form.password):
        raise HTTPException(401, headers=BEARER)
    return issue(form.username)


def current_user(token: Token) -> str:
    if name := holder(token):
        return name
    raise HTTPException(401, headers=BEARER)


@app.get("/me")
def me(
    user: Annotated[str, Depends(current_user)],
) -> dict[str, str]:
    return {"user": user}
