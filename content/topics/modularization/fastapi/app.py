from fastapi import FastAPI, Request
from fastapi.responses import PlainTextResponse
from products import products

app = FastAPI()
app.include_router(products, prefix="/products")
app.include_router(products, prefix="/v2/products")


@app.exception_handler(404)
def not_found(
    request: Request, error: Exception
) -> PlainTextResponse:
    return PlainTextResponse("no such product", 404)


@app.get("/")
def index(request: Request) -> dict[str, str]:
    url = request.url_for("read_product", number=1)
    return {"first": str(url)}
