from typing import Annotated

from fastapi import FastAPI, Path
from tree import installed_with, modules_of

app = FastAPI()
PACKAGES = installed_with("fastapi", "uvicorn")
MODULES = modules_of(PACKAGES)
Module = Annotated[str, Path(pattern=r"^[a-z_]\w*$")]


@app.get("/packages")
def packages() -> list[str]:
    return sorted(PACKAGES)


@app.get("/has/{module}")
def has(module: Module) -> dict[str, bool]:
    return {module: module in MODULES}
