import asyncio

from fastapi import FastAPI, Request

app = FastAPI()
visits: list[str] = []


@app.get("/calm")
def calm() -> dict[str, bool]:
    return {"calm": True}


@app.api_route("/visits", methods=["GET", "POST"])
async def see(request: Request) -> list[str]:
    if request.method == "POST":
        visits.append((await request.body()).decode())
    return visits


@app.get("/hang")
async def hang() -> str:
    await asyncio.sleep(4)
    return "late"
