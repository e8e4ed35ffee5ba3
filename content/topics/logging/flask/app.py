import logging

from flask import Flask, Response, g, request

app = Flask(__name__)
log: list[str] = []


class Lines(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        number = g.get("id", "-") if g else "-"
        level = record.levelname
        text = f"{level} {record.getMessage()}"
        log.append(f"{number} {text}")


app.logger.setLevel(logging.INFO)
app.logger.addHandler(Lines())


@app.before_request
def keep_id() -> None:
    g.id = request.headers.get("X-Request-Id", "none")


@app.after_request
def send_id(response: Response) -> Response:
    response.headers["X-Request-Id"] = g.id
    return response


@app.get("/share/<int:people>")
def share(people: int) -> dict[str, int]:
    note = request.args.get("note", "no note")
    app.logger.info("share: %s", note)
    return {"pieces": 12 // people}
