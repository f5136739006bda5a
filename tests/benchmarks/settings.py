"""The site as it runs for people, on servers of its own: pages and counts are kept, nothing is debugged."""

import os

os.environ.setdefault("FOOTHOLD_TESTING", "1")  # no mail leaves, plain http

from marketplace.settings import *  # noqa: E402, F403

ROOT_URLCONF = "tests.benchmarks.urls"
CLOCK_FILE = ""
SEARCH_COUNTS_SECONDS = SEARCH_KEPT_SECONDS = 60
SEARCH_PAGE_SECONDS = 600
WSGI_APPLICATION = "tests.benchmarks.wsgi.application"
REST_FRAMEWORK = {**REST_FRAMEWORK, "DEFAULT_THROTTLE_CLASSES": []}  # noqa: F405
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
