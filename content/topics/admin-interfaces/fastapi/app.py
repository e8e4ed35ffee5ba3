from api import api
from fastapi import FastAPI
from rows import Employee, engine
from sqladmin import Admin, ModelView

app = FastAPI()
app.include_router(api)


class EmployeeAdmin(ModelView, model=Employee):
    column_list = (Employee.name, Employee.desk)
    column_searchable_list = (Employee.name,)


admin = Admin(app, engine, title="Staff")
admin.add_view(EmployeeAdmin)
