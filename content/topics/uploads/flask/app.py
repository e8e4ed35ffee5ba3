from typing import Any

from flask import Flask, request

app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = 100 * 1024


@app.post("/photos")
def add_photo() -> dict[str, Any]:
    photo = request.files["photo"]
    return {
        "name": photo.filename,
        "type": photo.content_type,
        "size": len(photo.read()),
        "tags": request.form.getlist("tag"),
    }


@app.put("/notes")
def put_notes() -> dict[str, int]:
    return {"size": len(request.get_data())}
