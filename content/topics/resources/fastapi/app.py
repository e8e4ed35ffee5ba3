from fastapi import FastAPI, HTTPException
from fastapi.responses import RedirectResponse

app = FastAPI()
READING = [
    "https://fastapi.tiangolo.com/",
    "https://starlette.dev/",
    "https://uvicorn.dev/",
]


@app.get("/reading")
def reading() -> list[str]:
    return READING


@app.get("/reading/{number}")
def go(number: int) -> RedirectResponse:
    if number >= len(READING):
        raise HTTPException(404)
    return RedirectResponse(READING[number])
