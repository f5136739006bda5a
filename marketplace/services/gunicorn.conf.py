"""The web server's settings, the same under `manage.py serve` and in the container."""

import os

_debug = os.environ.get("DEBUG", "").lower() in ("1", "true", "yes", "on")

wsgi_app = "marketplace.wsgi:application"
bind = os.environ.get("WEB_BIND", "127.0.0.1:8000")
worker_class = "gthread"
workers = int(os.environ.get("WEB_WORKERS", 2))
threads = int(os.environ.get("WEB_THREADS", 4))
keepalive = 5
timeout = 60
graceful_timeout = 5 if os.environ.get("FOOTHOLD_DEMO") else 30
preload_app = not _debug  # loads the code once; with DEBUG it is loaded anew whenever a file changes
reload = _debug
control_socket_disable = True
# No addresses and no query strings: a log is not a place for personal data.
accesslog = "-"
access_log_format = "%(t)s %(m)s %(U)s %(s)s %(B)s bytes %(M)s ms"
errorlog = "-"
loglevel = "warning"
# Workers show that they live by touching a file; on a disk that can block.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
forwarded_allow_ips = os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1,::1")
