"""How a call to Stripe can end that is not an object: each says what is known about its outcome."""


class StripeTrouble(Exception):
    """Base: `code` is Stripe's or ours, the text is for staff."""

    def __init__(self, message="", code=""):
        super().__init__(str(message)[:500])
        self.code = str(code or "")[:80]


class Unknown(StripeTrouble):
    """No answer: it may have happened or not. Repeat under the same key."""


class Broken(StripeTrouble):
    """Stripe answered 5xx: it may have happened, and the answer is frozen under this key."""


class Busy(StripeTrouble):
    """Not executed, or running under this very key: come back later."""


class Refused(StripeTrouble):
    """Not executed, and will not be as it stands."""


class KeyReused(StripeTrouble):
    """The key stands with other parameters: a bug of ours, never repeated by itself."""


class Misconfigured(StripeTrouble):
    """The key or its rights are wrong: nothing will work until somebody looks."""


class Missing(StripeTrouble):
    """Stripe has no such object."""
