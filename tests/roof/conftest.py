from tests.payments.conftest import sandbox, sandbox_process  # noqa: F401
