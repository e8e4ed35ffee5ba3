"""A listener of its own for metrics, in a thread: it answers while the event loop stands still.

The site's own address never shows them. Of several processes each takes a port: what it says is about itself.
"""

from __future__ import annotations

import logging
import socket
import threading
from socketserver import TCPServer
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler

from prometheus_client import CollectorRegistry, make_wsgi_app
from prometheus_client.exposition import ThreadingWSGIServer

logger = logging.getLogger("explorer")


class _Server(ThreadingWSGIServer):
    def server_bind(self) -> None:
        """Bind without asking DNS for the name of the host, as the library's server does."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]
        self.setup_environ()


class _ServerV6(_Server):
    address_family = socket.AF_INET6


class _Silent(WSGIRequestHandler):
    timeout = 10  # seconds that a client may be silent

    def log_message(self, *arguments: Any) -> None:
        """Say nothing: the log has no addresses."""


class Listener:
    """Serves a registry until it is closed."""

    def __init__(self, server: ThreadingWSGIServer) -> None:
        self._server = server
        self.port: int = server.server_port
        threading.Thread(target=server.serve_forever, name="metrics", daemon=True).start()

    def close(self) -> None:
        """Stop; takes up to half a second."""
        self._server.shutdown()
        self._server.server_close()


def listen(registry: CollectorRegistry, host: str, port: int, processes: int) -> Listener | None:
    """Serve a registry on the first free port of as many as there are processes.

    None, and a line in the log, where none is free: the site does not depend on it.
    """
    kind = _ServerV6 if ":" in host else _Server
    reason = ""
    for candidate in range(port, min(port + processes, 65536)):
        try:
            server = kind((host, candidate), _Silent)
        except OSError as error:
            reason = error.strerror or str(error)
            continue
        server.set_app(make_wsgi_app(registry))
        logger.info("metrics on port %d", candidate)
        return Listener(server)
    logger.error("no metrics: %s at EXPLORER_METRICS_HOST, port %d and %d after it", reason, port, processes - 1)
    return None
