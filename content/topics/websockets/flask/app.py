from flask import Flask, request
from flask_sock import Sock
from simple_websocket import ConnectionClosed, Server

app = Flask(__name__)
sock = Sock(app)
log: list[str] = []


@sock.route("/rooms/<int:room>")
def add(ws: Server, room: int) -> None:
    name = request.args["name"]
    total = 0
    try:
        while True:
            text = ws.receive()
            if text == "leave":
                return
            if text == "close":
                ws.close(4000, f"bye {name}")
                return
            total += int(text)
            ws.send(f"{name} has {total}")
    except ConnectionClosed as gone:
        log.append(f"{name} is gone: {gone.reason}")
