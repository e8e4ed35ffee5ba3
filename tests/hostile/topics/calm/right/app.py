from fastapi import FastAPI

app = FastAPI()


@app.get("/calm")
def calm() -> dict[str, bool]:
    return {"calm": True}
