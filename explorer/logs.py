"""Log lines as JSON, one object a line. No body, cookie, query string or address of a visitor is ever logged.

Names of editors belong to the audit, not here.
"""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime

EXTRA = ("request_id", "path")
"""Fields that a record may carry besides its message."""
FIELD_LIMIT = 256


class JsonFormatter(logging.Formatter):
    """Formats a record as one line of ASCII JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as JSON; a traceback goes into the field `error`."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage()[: 4 * FIELD_LIMIT],
        }
        for name in EXTRA:
            if (value := getattr(record, name, None)) is not None:
                line[name] = value[:FIELD_LIMIT] if isinstance(value, str) else value
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line)


def configure(level: str) -> None:
    """Send all log lines to standard error as JSON. `level` is the least severe one written."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
    if level == "info":
        logging.getLogger("httpx2").setLevel(logging.WARNING)  # checks of the content send requests, one line each
    logging.getLogger("uvicorn.access").disabled = True  # the request log has the id and no query string
