from flask import Flask, abort, request
from flask_jwt_extended import (
    JWTManager,
    create_access_token,
    get_jwt_identity,
    jwt_required,
)
from users import known

app = Flask(__name__)
KEY = "a demo key, 32 bytes or longer, not for use"
app.config["JWT_SECRET_KEY"] = KEY
JWTManager(app)


@app.post("/login")
def log_in() -> dict[str, str]:
    name = request.form["username"]
    if not known(name, request.form["password"]):
        abort(401)
    return {"access_token": create_access_token(name)}


@app.get("/me")
@jwt_required()
def me() -> dict[str, str]:
    return {"user": get_jwt_identity()}
