from api import api
from flask import (
    Flask,
    abort,
    redirect,
    request,
    session,
    url_for,
)
from flask_admin import Admin, AdminIndexView
from flask_admin.contrib.sqla import ModelView
from rows import Employee, add_database, db
from werkzeug.wrappers import Response

app = Flask(__name__)
app.secret_key = "a demo key, not for use"
app.config["SESSION_COOKIE_SAMESITE"] = "Lax"
app.register_blueprint(api)
add_database(app)


class Protected:
    def is_accessible(self) -> bool:
        return session.get("user") == "ada"


class Home(Protected, AdminIndexView):
    pass


class EmployeeAdmin(Protected, ModelView):
    column_searchable_list = ("name",)


admin = Admin(app, name="Staff", index_view=Home())
admin.add_view(EmployeeAdmin(Employee, db))
for item in admin.menu():  # mounted at two prefixes
    item._cache = False


@app.post("/login")
def log_in() -> Response:
    if request.form["password"] != "lovelace":
        abort(401)
    session["user"] = request.form["username"]
    return redirect(url_for("admin.index"))
