"""The Celery application. Tasks live in each room's `tasks.py` and are listed here by module."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketplace.settings")

app = Celery("foothold")
app.config_from_object("django.conf:settings", namespace="CELERY")
