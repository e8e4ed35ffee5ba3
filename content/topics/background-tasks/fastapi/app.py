import time

from fastapi import BackgroundTasks, FastAPI

app = FastAPI()
log: list[str] = []


def process_file(filename: str) -> None:
    time.sleep(0.15)
    suffix = filename.rsplit(".", 1)[1]
    log.append(f"task: a {suffix} file")


async def send_mail() -> None:
    log.append("task: mail sent")


@app.post("/upload/{filename}")
def upload(
    filename: str,
    tasks: BackgroundTasks,
    parts: int = 1,
) -> dict[str, str | int]:
    log.append("endpoint: starts the tasks")
    tasks.add_task(process_file, filename)
    tasks.add_task(send_mail)
    rows = 100 // parts
    return {"message": "processing file", "rows": rows}
