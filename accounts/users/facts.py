"""Roles and unread notifications of a person: what the frame of every page shows, read together with the account."""

from functools import cache

from django.db.models import Count, Exists, OuterRef, Subquery
from django.db.models.functions import Coalesce

NAMES = ("is_student", "organisation", "school", "unread")
PREFIX = "fact_"
KEY = -742_000_001  # stands for the key of the person in the statement


def annotations() -> dict:
    """`{fact_is_student: ...}`: expressions over `User`; the rooms that hold the rows lie above, so by their names."""
    from django.apps import apps

    def rows(model: str):
        return apps.get_model("accounts", model).objects.filter(user=OuterRef("pk")).order_by()

    unread = rows("Notification").filter(read_at=None).values("user").annotate(n=Count("pk")).values("n")
    return {
        "fact_is_student": Exists(rows("StudentProfile")),
        "fact_organisation": Subquery(
            rows("Membership").order_by("joined_at").values("organisation__name")[:1]
        ),
        "fact_school": Subquery(rows("SchoolStaff").order_by("pk").values("school__name")[:1]),
        "fact_unread": Coalesce(Subquery(unread), 0),
    }


@cache
def _statement() -> tuple[str, tuple]:
    """The statement that reads a person with their facts, made once: making it costs more than running it."""
    from django.contrib.auth import get_user_model

    return get_user_model()._base_manager.annotate(**annotations()).filter(pk=KEY).query.sql_with_params()


def load(pk: int):
    """The person with their facts, in one query; None when there is nobody of that key."""
    from django.contrib.auth import get_user_model

    sql, params = _statement()
    found = get_user_model()._base_manager.raw(sql, [pk if value == KEY else value for value in params])
    return next(iter(found), None)


def of(user) -> dict:
    """The facts of `user`, in no query when the account was loaded with them, else in one."""
    if not hasattr(user, f"{PREFIX}unread"):
        fresh = load(user.pk)
        if fresh is None:
            return {}
        user = fresh
    return {name: getattr(user, PREFIX + name) for name in NAMES}
