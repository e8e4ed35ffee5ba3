import asyncio
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException

app = FastAPI()
left = {"desk": 1}


async def fetch_rate() -> int:
    await asyncio.sleep(0)
    return 95


async def get_price(
    rate: Annotated[int, Depends(fetch_rate)],
) -> int:
    return 200 * rate // 100


@app.post("/orders/{item}")
async def order(
    item: str,
    price: Annotated[int, Depends(get_price)],
    count: int = 1,
) -> dict[str, int]:
    if left.get(item, 0) < count:
        raise HTTPException(409, "Sold out.")
    await asyncio.sleep(0.05)
    left[item] -= count
    return {"paid": count * price, "left": left[item]}
