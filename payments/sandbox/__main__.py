"""The process: a threaded web server on a loopback address, and one thread for what happens by itself."""

import argparse
import os
import signal
import socket
import sys
import threading
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address, handler):
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        super().__init__(address, handler)

    def handle_error(self, request, client_address):
        """A client that hung up is no news."""


class Handler(WSGIRequestHandler):
    def get_environ(self):
        environ = super().get_environ()
        environ["sandbox.connection"] = self.connection  # a fault may cut it
        return environ

    def log_message(self, format, *args):
        """Quiet: the site's own log says what it asked."""


def main():
    parser = argparse.ArgumentParser(prog="sandbox")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    options = parser.parse_args()
    if options.host not in LOOPBACK:
        sys.exit("The offline Stripe listens on a loopback address only.")
    if os.environ.get("STRIPE_SECRET_KEY", "").startswith(("sk_live", "rk_live")):
        sys.exit("A live Stripe key is set; the offline Stripe refuses to run beside it.")
    os.environ["DJANGO_SETTINGS_MODULE"] = "payments.sandbox.settings"

    import django
    from django.core.wsgi import get_wsgi_application

    django.setup()
    from payments.sandbox import clockwork

    server = Server((options.host, options.port), Handler)
    server.set_app(get_wsgi_application())
    stop = threading.Event()
    background = threading.Thread(target=clockwork.run_for_ever, args=(stop,), daemon=True)
    background.start()

    def leave(signum, frame):
        stop.set()
        threading.Thread(target=server.shutdown, daemon=True).start()

    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGINT, leave)
    print(f"offline Stripe on http://{options.host}:{server.server_port}", flush=True)
    server.serve_forever(poll_interval=0.2)
    background.join(2)


if __name__ == "__main__":
    main()
