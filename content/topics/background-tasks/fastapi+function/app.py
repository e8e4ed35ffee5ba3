import time
from collections.abc import Iterator
from io import StringIO
from typing import Annotated

from fastapi import BackgroundTasks, Depends, FastAPI

app = FastAPI()
log: list[str] = []


def open_file() -> Iterator[StringIO]:
    with StringIO("100 rows") as file:
        yield file
    log.append("dependency: file closed")


def process_file(filename: str, file: StringIO) -> None:
    time.sleep(0.15)
    suffix = filename.rsplit(".", 1)[1]
    log.append(f"task: a {suffix} file, {file.read()}")


async def send_mail() -> None:
    log.append("task: mail sent")


@app.post("/upload/{filename}")
def upload(
    filename: str,
    tasks: BackgroundTasks,
    file: Annotated[
        StringIO, Depends(open_file, scope="function")
    ],
    parts: int = 1,
) -> dict[str, str | int]:
    log.append("endpoint: starts the tasks")
    tasks.add_task(process_file, filename, file)
    tasks.add_task(send_mail)
    rows = 100 // parts
    return {"message": "processing file", "rows": rows}
