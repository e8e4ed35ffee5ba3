from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

app = FastAPI()
STOCK = {"tea": 3, "rice": 9}
PRICES = {"tea": 4}


class Shortage(Exception):
    pass


@app.exception_handler(HTTPException)
def problem(
    request: Request, error: HTTPException
) -> JSONResponse:
    detail, status = error.detail, error.status_code
    return JSONResponse(
        {"status": status, "detail": detail},
        status,
        error.headers,
        "application/problem+json",
    )


@app.exception_handler(RequestValidationError)
def invalid(
    request: Request, error: RequestValidationError
) -> JSONResponse:
    first = error.errors()[0]
    detail = f"{first['loc'][-1]}: {first['msg']}"
    return problem(request, HTTPException(400, detail))


@app.exception_handler(Exception)
def crash(
    request: Request, error: Exception
) -> JSONResponse:
    return problem(request, HTTPException(500))


@app.exception_handler(Shortage)
def shortage(
    request: Request, error: Shortage
) -> JSONResponse:
    conflict = HTTPException(409, str(error))
    return problem(request, conflict)


@app.post("/orders/{item}")
def order(item: str, count: int) -> dict[str, int]:
    if item not in STOCK:
        raise HTTPException(404, f"no {item} here")
    if count > STOCK[item]:
        raise Shortage(f"{STOCK[item]} left")
    return {"price": count * PRICES[item]}
