from api import api
from fastapi import FastAPI, Request
from rows import Employee, engine
from sqladmin import Admin, ModelView
from sqladmin.authentication import (
    AuthenticationBackend,
)

app = FastAPI()
app.include_router(api)


class Login(AuthenticationBackend):
    async def login(self, request: Request) -> bool:
        form = await request.form()
        if form["password"] != "lovelace":
            return False
        request.session["user"] = form["username"]
        return True

    async def logout(self, request: Request) -> bool:
        request.session.clear()
        return True

    async def authenticate(
        self, request: Request
    ) -> bool:
        return request.session.get("user") == "ada"


class EmployeeAdmin(ModelView, model=Employee):
    column_list = (Employee.name, Employee.desk)
    column_searchable_list = (Employee.name,)


admin = Admin(
    app,
    engine,
    title="Staff",
    authentication_backend=Login("a demo key"),
)
admin.add_view(EmployeeAdmin)
