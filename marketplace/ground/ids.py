"""Random identifiers: `public_id()` for addresses, `secret()` for links that are secrets (160 bits)."""

import secrets

ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # no look-alikes: 0 o 1 l i


def public_id() -> str:
    """12 characters, about 59 bits: enough to be unique and unguessable in bulk, not a secret."""
    return "".join(secrets.choice(ALPHABET) for _ in range(12))


def secret() -> str:
    """A URL-safe token of 160 random bits."""
    return secrets.token_urlsafe(20)
