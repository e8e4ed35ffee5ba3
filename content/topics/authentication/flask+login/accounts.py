from flask_login import UserMixin


class User(UserMixin):
    def __init__(self, name: str) -> None:
        self.id = name
