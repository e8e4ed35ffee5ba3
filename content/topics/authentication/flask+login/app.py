import flask_login
from accounts import User
from flask import Flask, abort, request
from users import USERS, known

app = Flask(__name__)
KEY = "a demo key, 32 bytes or longer, not for use"
app.secret_key = KEY
manager = flask_login.LoginManager(app)


@manager.user_loader
def load_user(name: str) -> User | None:
    return User(name) if name in USERS else None


@app.post("/login")
def log_in() -> dict[str, str]:
    name = request.form["username"]
    if not known(name, request.form["password"]):
        abort(401)
    flask_login.login_user(User(name))
    return {"user": name}


@app.post("/logout")
def log_out() -> dict[str, bool]:
    return {"logged_out": flask_login.logout_user()}


@app.get("/me")
@flask_login.login_required
def me() -> dict[str, str]:
    return {"user": flask_login.current_user.id}
