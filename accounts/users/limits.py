"""How often somebody may make us do a thing that costs others something, such as a mail to a stranger."""

from hashlib import sha256

from django.core.cache import cache


def within(name: str, key, limit: int, seconds: int) -> bool:
    """Count one more `name` for `key`; False when that is more than `limit` in a window of `seconds`.

    Counted in the shared cache, so all web processes share one count.
    """
    slot = f"limit:{name}:{sha256(str(key).lower().encode()).hexdigest()[:32]}"
    cache.add(slot, 0, seconds)
    try:
        return cache.incr(slot) <= limit
    except ValueError:  # the window ended between the two lines
        cache.set(slot, 1, seconds)
        return True
