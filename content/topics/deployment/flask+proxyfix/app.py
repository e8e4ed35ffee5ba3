from flask import Flask, request, url_for
from werkzeug.middleware.proxy_fix import ProxyFix

app = Flask(__name__)
app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
    app.wsgi_app
)


@app.get("/seen")
def seen() -> dict[str, str | None]:
    return {
        "client": request.remote_addr,
        "link": url_for("seen", _external=True),
    }


@app.get("/crash")
def crash() -> str:
    raise RuntimeError("not for visitors")
