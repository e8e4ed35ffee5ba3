from concurrent.futures import ThreadPoolExecutor

import pytest
from app import app, left


@pytest.fixture(autouse=True)
def fresh() -> None:
    left["desk"] = 1


def test_another_rate(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("app.fetch_rate", lambda: 50)
    answer = app.test_client().post("/orders/desk")
    assert answer.json == {"paid": 100, "left": 0}


def test_one_after_the_other() -> None:
    client = app.test_client()
    first = client.post("/orders/desk")
    second = client.post("/orders/desk")
    assert first.status_code == 200
    assert second.status_code == 409


def test_two_at_once_both_get_the_last_one() -> None:
    def send(path: str) -> int:
        return app.test_client().post(path).status_code

    with ThreadPoolExecutor(2) as pool:
        statuses = pool.map(send, ["/orders/desk"] * 2)
    assert list(statuses) == [200, 200]
    assert left["desk"] == -1
