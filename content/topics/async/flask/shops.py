import asyncio

PRICES = {"north": 30, "south": 25}
LOG: list[str] = []


async def ask(shop: str) -> int:
    price = PRICES[shop]
    LOG.append(f"{shop} asked")
    await asyncio.sleep(0.1)
    LOG.append(f"{shop} answered")
    return price
