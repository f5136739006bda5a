"""Ask the web server whether it answers: `python -m marketplace.services.probe [port] [path]`."""

import http.client
import os
import sys
from urllib.parse import urlsplit


def answers(port: int, path: str = "/livez", seconds: float = 5) -> bool:
    """True for a 200, asked as a visitor of the public address who came through the TLS proxy."""
    host = urlsplit(os.environ.get("SITE_URL", "")).netloc or "localhost"
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=seconds)
    try:
        connection.request("GET", path, headers={"Host": host, "X-Forwarded-Proto": "https"})
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(not answers(int(sys.argv[1]) if len(sys.argv) > 1 else 8000, *sys.argv[2:3]))
