from fastapi import FastAPI

app = FastAPI()


@app.get("/")
def home() -> dict[str, str]:
    return {"hello": "world"}


@app.get("/text")
def text() -> str:
    return "Hello, World!"
