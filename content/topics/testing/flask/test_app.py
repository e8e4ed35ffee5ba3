import pytest
from app import app
from flask.testing import FlaskClient


@pytest.fixture
def client() -> FlaskClient:
    app.testing = True
    return app.test_client()


def test_share(client: FlaskClient) -> None:
    answer = client.get("/share/4")
    assert answer.json == {"share": 25}


def test_another_total(
    client: FlaskClient,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("app.get_total", lambda: 200)
    answer = client.get("/share/4")
    assert answer.json == {"share": 50}


def test_crash(client: FlaskClient) -> None:
    with pytest.raises(ZeroDivisionError):
        client.get("/share/0")


def test_redirect(client: FlaskClient) -> None:
    answer = client.get("/half")
    assert answer.status_code == 302
    assert answer.location == "/share/2"


def test_wrong_type(client: FlaskClient) -> None:
    answer = client.get("/share/ten")
    assert answer.status_code == 404
