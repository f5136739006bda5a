"""What the work behind some money is called on its papers, and whose money it is."""

from django.db.models import Q
from django.urls import reverse

from payments.books import naming
from projects.hiring.models import Engagement


def about(refs: list[str]) -> dict[str, naming.About]:
    """What engagements and milestones are called on the papers of money, by hold ref; two queries."""
    ids = [ref.removeprefix("engagement:") for ref in refs]
    rows = (
        Engagement.objects.filter(public_id__in=ids)
        .select_related("organisation", "student")
        .prefetch_related("milestones")
    )
    return {
        row.hold_ref: naming.About(
            title=row.title,
            url=reverse("working:workspace", args=[row.public_id]),
            payer=row.organisation.name,
            payee=row.student.name,
            hours=row.hours or None,
            parts={milestone.part_ref: milestone.title for milestone in row.milestones.all()},
        )
        for row in rows
    }


def refs_of(text: str, most: int) -> list[str]:
    """The hold refs of the newest work of whoever is called `text`: the student's e-mail address, a part of the
    student's or the organisation's name.
    """
    called = (
        Q(student__email__iexact=text)
        | Q(student__name__icontains=text)
        | Q(organisation__name__icontains=text)
    )
    rows = Engagement.objects.filter(called).exclude(hold_id=None).order_by("-pk")
    return [row.hold_ref for row in rows[:most]]
