from fastapi import FastAPI


def install(app: FastAPI) -> None:
    app.router.redirect_slashes = False
