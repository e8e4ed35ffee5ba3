from flask import Flask, request

app = Flask(__name__)
log: list[str] = []
rates: dict[str, int] = {}


def get_rates() -> dict[str, int]:
    if not rates:
        log.append("start: rates loaded")
        rates.update(EUR=100, CHF=95)
    return rates


@app.get("/convert/<int:cents>")
def convert(cents: int) -> dict[str, int]:
    log.append("request")
    rate = get_rates()[request.args["to"]]
    starts = log.count("start: rates loaded")
    cents = cents * rate // 100
    return {"cents": cents, "starts": starts}
