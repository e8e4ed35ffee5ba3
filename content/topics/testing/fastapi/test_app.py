from collections.abc import Iterator

import pytest
from app import app, get_total
from fastapi.testclient import TestClient


@pytest.fixture
def client() -> Iterator[TestClient]:
    with TestClient(app) as client:
        yield client
    app.dependency_overrides.clear()


def test_share(client: TestClient) -> None:
    answer = client.get("/share/4")
    assert answer.json() == {"share": 25}


def test_another_total(client: TestClient) -> None:
    app.dependency_overrides[get_total] = lambda: 200
    answer = client.get("/share/4")
    assert answer.json() == {"share": 50}


def test_crash(client: TestClient) -> None:
    with pytest.raises(ZeroDivisionError):
        client.get("/share/0")


def test_redirect(client: TestClient) -> None:
    answer = client.get("/half")
    assert answer.status_code == 200
    assert answer.json() == {"share": 50}


def test_wrong_type(client: TestClient) -> None:
    answer = client.get("/share/ten")
    assert answer.status_code == 422
