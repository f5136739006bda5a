"""Run a `manage.py` command beside the servers: `python -m marketplace.services.beside shell`.

Joins a running `manage.py serve`; else starts PostgreSQL and Valkey on the same data meanwhile.
"""

import os
import subprocess
import sys

from . import join, parts
from .join import CHECKOUT
from .serve import Serve


def main(arguments: list[str]) -> int:
    join.join()
    command = [*parts.MANAGE, *arguments]
    if "DATABASE_URL" in os.environ:
        return subprocess.call(command, cwd=CHECKOUT)
    join.join("serve")
    serve = Serve()
    serve.take_lock()
    serve.supervisor.listen()
    try:
        serve.stop_left_overs()
        serve.env = {**parts.defaults(serve.home, serve.wanted_port, None), **os.environ}
        serve.start_servers()
        if not serve.prepare_database():
            return 1
        return subprocess.call(command, cwd=CHECKOUT, env=serve.env)
    finally:
        serve.end()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
