from flask import Flask, request

app = Flask(__name__)
log: list[str] = []
rates: dict[str, int] = {}


def load_rates() -> None:
    log.append("start: rates loaded")
    rates.update(EUR=100, CHF=95)


load_rates()


@app.get("/convert/<int:cents>")
def convert(cents: int) -> dict[str, int]:
    log.append("request")
    rate = rates[request.args["to"]]
    starts = log.count("start: rates loaded")
    cents = cents * rate // 100
    return {"cents": cents, "starts": starts}
