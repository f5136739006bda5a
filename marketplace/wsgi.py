import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketplace.settings")
application = get_wsgi_application()

from django.urls import get_resolver  # noqa: E402

# Every view is imported once, before the workers are forked, and not at somebody's first visit.
get_resolver().url_patterns  # noqa: B018
