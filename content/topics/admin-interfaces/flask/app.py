from api import api
from flask import Flask
from flask_admin import Admin
from flask_admin.contrib.sqla import ModelView
from rows import Employee, add_database, db

app = Flask(__name__)
app.secret_key = "a demo key, not for use"
app.register_blueprint(api)
add_database(app)


class EmployeeAdmin(ModelView):
    column_searchable_list = ("name",)


admin = Admin(app, name="Staff")
admin.add_view(EmployeeAdmin(Employee, db))
for item in admin.menu():  # mounted at two prefixes
    item._cache = False
