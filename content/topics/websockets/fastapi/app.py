from fastapi import (
    FastAPI,
    WebSocket,
    WebSocketDisconnect,
)

app = FastAPI()
log: list[str] = []


@app.websocket("/rooms/{room}")
async def add(
    ws: WebSocket, room: int, name: str
) -> None:
    await ws.accept()
    total = 0
    try:
        while True:
            text = await ws.receive_text()
            if text == "leave":
                return
            if text == "close":
                await ws.close(4000, f"bye {name}")
                return
            total += int(text)
            await ws.send_text(f"{name} has {total}")
    except WebSocketDisconnect as gone:
        log.append(f"{name} is gone: {gone.code}")
