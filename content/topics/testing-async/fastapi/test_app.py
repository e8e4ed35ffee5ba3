import asyncio
from collections.abc import Iterator

import pytest
from app import app, fetch_rate, left
from fastapi.testclient import TestClient
from httpx2 import ASGITransport, AsyncClient


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    left["desk"] = 1
    yield
    app.dependency_overrides.clear()


def test_another_rate() -> None:
    app.dependency_overrides[fetch_rate] = lambda: 50
    answer = TestClient(app).post("/orders/desk")
    assert answer.json() == {"paid": 100, "left": 0}


def test_one_after_the_other() -> None:
    client = TestClient(app)
    first = client.post("/orders/desk")
    second = client.post("/orders/desk")
    assert first.status_code == 200
    assert second.status_code == 409


def test_two_at_once_both_get_the_last_one() -> None:
    async def order_twice() -> list[int]:
        transport = ASGITransport(app=app)
        async with AsyncClient(
            transport=transport, base_url="http://test"
        ) as client:
            answers = await asyncio.gather(
                client.post("/orders/desk"),
                client.post("/orders/desk"),
            )
        return [each.status_code for each in answers]

    assert asyncio.run(order_twice()) == [200, 200]
    assert left["desk"] == -1
