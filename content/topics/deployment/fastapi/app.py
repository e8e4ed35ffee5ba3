from fastapi import FastAPI, Request

app = FastAPI()


@app.get("/seen")
def seen(request: Request) -> dict[str, str | None]:
    client = request.client
    return {
        "client": client.host if client else None,
        "link": str(request.url_for("seen")),
    }


@app.get("/crash")
def crash() -> str:
    raise RuntimeError("not for visitors")
