import time
from concurrent.futures import ThreadPoolExecutor

from flask import Flask, request

app = Flask(__name__)
pool = ThreadPoolExecutor(max_workers=1)
log: list[str] = []


def process_file(filename: str) -> None:
    time.sleep(0.15)
    suffix = filename.rsplit(".", 1)[1]
    log.append(f"task: a {suffix} file")


def send_mail() -> None:
    log.append("task: mail sent")


@app.post("/upload/<filename>")
def upload(filename: str) -> dict[str, str | int]:
    parts = request.args.get("parts", 1, int)
    log.append("endpoint: starts the tasks")
    pool.submit(process_file, filename)
    pool.submit(send_mail)
    rows = 100 // parts
    return {"message": "processing file", "rows": rows}
