from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import OpenIdConnect
from issuer import router
from tokens import ABOUT, holder

app = FastAPI()
app.include_router(router)
oidc = OpenIdConnect(openIdConnectUrl=ABOUT)
Given = Annotated[str, Depends(oidc)]
BEARER = {"WWW-Authenticate": "Bearer"}


def current_user(given: Given) -> str:
    scheme, _, token = given.partition(" ")
    is_bearer = scheme.lower() == "bearer"
    if is_bearer and (name := holder(token)):
        return name
    raise HTTPException(401, headers=BEARER)


@app.get("/me")
def me(
    user: Annotated[str, Depends(current_user)],
) -> dict[str, str]:
    return {"user": user}
