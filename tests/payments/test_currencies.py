"""Currencies with 0, 2 and 3 decimals all the way through, and a second person who is paid from one hold."""

import pytest
from django.core.exceptions import ValidationError

from payments.holds import actions
from payments.holds.models import Release
from tests.payments.test_holds import add_up, the_books_balance_and_agree_with_stripe  # noqa: F401
from tests.payments.test_recovery import moderator  # noqa: F401

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(
    ("currency", "parts", "back"),
    [
        ("JPY", ((20_001, 2_001), (30_000, 3_000)), 333),
        ("USD", ((20_001, 2_001), (30_000, 3_000)), 333),
        ("KWD", ((20_010, 2_010), (30_000, 3_000)), 330),
        ("BHD", ((20_010, 2_010), (30_000, 3_000)), 20_010),
    ],
)
def test_secured_released_taken_back_and_refunded(
    make_hold,
    secure,
    student,
    ready,
    work,
    moderator,
    currency,
    parts,
    back,
    sandbox,  # noqa: F811
):
    hold = make_hold(parts=parts, currency=currency)
    secure(hold)
    ready(student)
    actions.release_part(by=None, part=hold.parts.first())
    work()
    release = Release.objects.get()
    assert release.state == "sent"
    actions.refund_released(by=moderator, release=release, amount=back, reason="partly")
    work()
    actions.refund_rest(by=None, hold=hold, reason="cancelled", pay_student_net=9_990)
    work()
    work()
    add_up(hold)
    if currency in ("KWD", "BHD"):  # Stripe takes multiples of 10 there
        amounts = [
            row["amount"]
            for path in ("/v1/transfers", "/v1/refunds", "/v1/charges")
            for row in sandbox.all(path)
        ]
        assert [amount for amount in amounts if amount % 10] == []


@pytest.mark.parametrize("parts", [((20_001, 2_000),), ((20_000, 2_001),)])
def test_three_decimals_end_in_a_zero(make_hold, parts):
    with pytest.raises(ValidationError, match="last of the three decimals"):
        make_hold(parts=parts, currency="KWD")


@pytest.mark.parametrize("currency", ["ISK", "HUF"])
def test_a_currency_that_stripe_counts_otherwise_opens_nothing(make_hold, currency):
    with pytest.raises(ValidationError, match="not possible yet") as refused:
        make_hold(parts=((20_000, 2_000),), currency=currency)
    assert "currency" in refused.value.message_dict


def test_a_second_person_is_paid_and_taken_back_from_by_themselves(
    secure,
    student,
    make_person,
    ready,
    work,
    moderator,
    sandbox,  # noqa: F811
):
    mentor = make_person("Mentor")
    hold = actions.open_hold(
        ref="engagement:two",
        payee=student,
        payer_ref="org-1",
        currency="USD",
        description="Two are paid",
        parts=[actions.PartSpec("m1", 20_000, 2_000), actions.PartSpec("mentor", 10_000, 1_000, mentor)],
    )
    secure(hold)
    accounts = {ready(person).stripe_id: net for person, net in ((student, 18_000), (mentor, 9_000))}
    for part in hold.parts.all():
        actions.release_part(by=None, part=part)
    work()
    assert {row["destination"]: row["amount"] for row in sandbox.all("/v1/transfers")} == accounts
    mentors = Release.objects.get(part__payee__user=mentor)
    actions.refund_released(by=moderator, release=mentors, amount=10_000, reason="was not there")
    work()
    work()
    found = add_up(hold)
    assert (found["released"], found["refunded"]) == (20_000, 10_000)
    assert Release.objects.get(part__payee__user=student).state == "sent"
