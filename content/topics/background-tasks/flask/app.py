import time
from threading import Thread

from flask import Flask, request

app = Flask(__name__)
log: list[str] = []


def process_file(filename: str) -> None:
    time.sleep(0.15)
    suffix = filename.rsplit(".", 1)[1]
    log.append(f"task: a {suffix} file")


def send_mail() -> None:
    time.sleep(0.3)
    log.append("task: mail sent")


@app.post("/upload/<filename>")
def upload(filename: str) -> dict[str, str | int]:
    parts = request.args.get("parts", 1, int)
    log.append("endpoint: starts the tasks")
    Thread(
        target=process_file,
        args=(filename,),
        daemon=True,
    ).start()
    Thread(target=send_mail, daemon=True).start()
    rows = 100 // parts
    return {"message": "processing file", "rows": rows}
