from typing import Annotated

from fastapi import Depends, FastAPI
from fastapi.responses import RedirectResponse

app = FastAPI()


def get_total() -> int:
    return 100


@app.get("/share/{people}")
def share(
    people: int,
    total: Annotated[int, Depends(get_total)],
) -> dict[str, int]:
    return {"share": total // people}


@app.get("/half")
def half() -> RedirectResponse:
    return RedirectResponse("/share/2")
