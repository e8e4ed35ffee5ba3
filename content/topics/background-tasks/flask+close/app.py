import time
from functools import partial

from flask import Flask, Response, jsonify, request

app = Flask(__name__)
log: list[str] = []


def process_file(filename: str) -> None:
    time.sleep(0.15)
    suffix = filename.rsplit(".", 1)[1]
    log.append(f"task: a {suffix} file")


def send_mail() -> None:
    log.append("task: mail sent")


@app.post("/upload/<filename>")
def upload(filename: str) -> Response:
    parts = request.args.get("parts", 1, int)
    log.append("endpoint: starts the tasks")
    rows = 100 // parts
    answer = jsonify(
        message="processing file", rows=rows
    )
    job = partial(process_file, filename)
    answer.call_on_close(job)
    answer.call_on_close(send_mail)
    return answer
