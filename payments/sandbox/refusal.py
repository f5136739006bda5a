"""A refusal in Stripe's shape."""


class Refusal(Exception):
    """`kept`: stored under the idempotency key, because execution had begun
    (docs.stripe.com/api/idempotent_requests).
    """

    def __init__(
        self, message, *, status=400, code=None, param=None, kind="invalid_request_error", kept=False
    ):
        super().__init__(message)
        self.status, self.kept = status, kept
        self.body = {"error": {"type": kind, "message": message}}
        if code:
            self.body["error"]["code"] = code
        if param:
            self.body["error"]["param"] = param


def missing(what, value):
    return Refusal(f"No such {what}: '{value}'", status=404, code="resource_missing", param="id")
