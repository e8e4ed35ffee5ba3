from importlib.metadata import packages_distributions
from typing import Annotated

from fastapi import FastAPI, Path
from tree import installed_with

app = FastAPI()
PACKAGES = installed_with("fastapi", "uvicorn")
Module = Annotated[str, Path(pattern=r"^[a-z_]\w*$")]


@app.get("/packages")
def packages() -> list[str]:
    return sorted(PACKAGES)


@app.get("/has/{module}")
def has(module: Module) -> dict[str, bool]:
    origins = packages_distributions().get(module, [])
    names = {origin.lower() for origin in origins}
    return {module: bool(names & PACKAGES)}
