from flask import Flask, redirect, request, url_for
from werkzeug import Response
from werkzeug.middleware.proxy_fix import ProxyFix

app = Flask(__name__)
app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
    app.wsgi_app, x_for=1, x_proto=1,
    x_host=1, x_prefix=1,
)


@app.get("/seen")
def seen() -> dict[str, str | None]:
    return {
        "client": request.remote_addr,
        "scheme": request.scheme,
        "link": url_for("seen", _external=True),
    }


@app.get("/old")
def old() -> Response:
    return redirect(url_for("seen"), 307)
