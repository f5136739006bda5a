"""The outbox's and inbox's part in erasure."""

from accounts.users import erasure

from .actions import scrubbing

erasure.register_scrub(scrubbing.forget)
