from typing import Annotated, Any

from fastapi import FastAPI, Form, Request, UploadFile

app = FastAPI(max_body_size=100 * 1024)
Tags = Annotated[list[str], Form(default_factory=list)]


@app.post("/photos")
def add_photo(
    photo: UploadFile, tag: Tags
) -> dict[str, Any]:
    return {
        "name": photo.filename,
        "type": photo.content_type,
        "size": len(photo.file.read()),
        "tags": tag,
    }


@app.put("/notes")
async def put_notes(request: Request) -> dict[str, int]:
    return {"size": len(await request.body())}
