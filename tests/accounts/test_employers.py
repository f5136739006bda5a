"""Organisations: who belongs to them, who may change that, and how they prove who they are."""

import threading
from datetime import timedelta
from io import BytesIO

import pytest
from allauth.account.models import EmailAddress
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image

from accounts.employers import actions, domains, queries
from accounts.models import (
    Mail,
    MemberInvite,
    Membership,
    Notification,
    Organisation,
    Proof,
    SchoolStaff,
    User,
)
from accounts.schools.queries import recognise
from marketplace.ground import clock
from marketplace.ground.errors import Invalid, NotAllowed, WrongMoment
from marketplace.ground.models import StateChange
from marketplace.ground.states import IllegalMove

from .conftest import PASSWORD

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
GOOD = {
    "name": "Halden Bikes",
    "website": "halden.example",
    "about": "We mend bikes.",
    "sector": "",
    "size": "2-10",
    "place": "Leeds",
}


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user, backend=BACKEND)
    return client


def page(name, organisation, *more) -> str:
    return reverse(f"employers:{name}", args=[organisation.public_id, *more])


def membership(user, organisation) -> Membership:
    return Membership.objects.get(user=user, organisation=organisation)


@pytest.fixture
def manager(organisation, member):
    return member(organisation, "manager", "kofi@halden.example", name="Kofi Mensah")


# --- making and changing -----------------------------------------------------------------------------------
def test_whoever_makes_an_organisation_owns_it_and_acts_for_it(sign_in, owner):
    client = sign_in(owner)
    answer = client.post(reverse("employers:new"), GOOD)
    organisation = Organisation.objects.get()
    assert answer.url == page("verify", organisation)
    assert organisation.website == "https://halden.example"
    assert membership(owner, organisation).role == "owner"
    assert client.get(reverse("employers:mine")).url == page("organisation", organisation)
    assert list(queries.members(organisation)) == [owner]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "x" * 121),
        ("name", "Win at https://casino.example"),
        ("name", "..."),
        ("website", "javascript:alert(1)"),
        ("website", "not a website"),
        ("website", "https://" + "x" * 250 + ".example"),
        ("about", "x" * 1501),
        ("size", "huge"),
        ("place", "x" * 121),
        ("sector", "nul\x00byte"),
    ],
)
def test_bad_input_is_said_beside_its_field_and_kept(sign_in, owner, field, value):
    answer = sign_in(owner).post(reverse("employers:new"), {**GOOD, field: value})
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert answer.context["form"]["about" if field != "about" else "name"].value()
    assert not Organisation.objects.exists()


def test_a_company_may_be_called_like_its_address(owner):
    assert actions.create_organisation(by=owner, name="Booking.com").name == "Booking.com"


def test_a_double_click_makes_one_organisation(transactional_db, owner):
    found = []

    def one():
        found.append(actions.create_organisation(by=owner, name="Halden Bikes").pk)
        connection.close()

    threads = [threading.Thread(target=one) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 6
    assert len(set(found)) == 1
    assert Membership.objects.count() == 1


def test_five_organisations_are_the_most_one_person_makes(owner):
    for number in range(5):
        actions.create_organisation(by=owner, name=f"Halden {number}")
    with pytest.raises(Invalid):
        actions.create_organisation(by=owner, name="Halden 6")
    assert actions.create_organisation(by=owner, name="halden 3").name == "Halden 3"


def test_members_change_it_and_others_cannot_see_it(organisation, owner, manager, moderator, student):
    for user in (owner, manager):
        assert (
            signed_in(user).post(page("organisation", organisation), {**GOOD, "about": user.name}).status_code
            == 302
        )
        organisation.refresh_from_db()
        assert organisation.about == user.name
    assert signed_in(student).get(page("organisation", organisation)).status_code == 404
    assert signed_in(student).post(page("organisation", organisation), GOOD).status_code == 404
    assert signed_in(moderator).get(page("organisation", organisation)).status_code == 200
    assert signed_in(moderator).post(page("organisation", organisation), GOOD).status_code == 403
    with pytest.raises(NotAllowed):
        actions.update_organisation(by=student, organisation=organisation, about="Mine now")
    with pytest.raises(TypeError):
        actions.update_organisation(by=owner, organisation=organisation, verified_at=clock.now())


def test_two_organisations_of_one_maker_keep_two_names(owner, organisation):
    other = actions.create_organisation(by=owner, name="Halden Cafe")
    with pytest.raises(Invalid):
        actions.update_organisation(by=owner, organisation=other, name="Halden Bikes")


# --- which one is current ----------------------------------------------------------------------------------
def test_somebody_of_several_switches_between_them_and_loses_one_with_the_membership(
    sign_in, owner, organisation, rf
):
    second = actions.create_organisation(by=owner, name="Halden Cafe")
    client = sign_in(owner)
    assert client.get(reverse("employers:mine")).url == page("organisation", organisation)
    client.post(reverse("employers:switch"), {"organisation": second.public_id, "next": "/settings/"})
    assert client.get(reverse("employers:mine")).url == page("organisation", second)
    Membership.objects.filter(organisation=second).delete()
    assert client.get(reverse("employers:mine")).url == page("organisation", organisation)
    assert client.post(reverse("employers:switch"), {"organisation": second.public_id}).status_code == 404
    assert client.post(
        reverse("employers:switch"), {"organisation": organisation.public_id, "next": "//evil.example"}
    ).url == reverse("home")


def test_somebody_of_none_makes_one_first(sign_in, student):
    assert sign_in(student).get(reverse("employers:mine")).url == reverse("employers:new")


# --- logo --------------------------------------------------------------------------------------------------
def picture(kind="PNG", size=(900, 600)) -> bytes:
    out = BytesIO()
    Image.new("RGB", size, "teal").save(out, kind)
    return out.getvalue()


def test_a_logo_is_drawn_again_and_served_to_everybody_for_a_year(
    transactional_db, owner, organisation, client
):
    mine = signed_in(owner)
    evil = picture() + b"<script>alert(1)</script>"
    mine.post(page("logo", organisation), {"logo": SimpleUploadedFile("logo.png", evil)})
    organisation.refresh_from_db()
    first = organisation.logo_url
    answer = client.get(first)
    body = b"".join(answer.streaming_content)
    assert answer["Content-Type"] == "image/webp"
    assert "max-age=31536000" in answer["Cache-Control"]
    assert b"script" not in body
    assert Image.open(BytesIO(body)).size == (512, 512)
    mine.post(page("logo", organisation), {"logo": SimpleUploadedFile("logo.jpg", picture("JPEG"))})
    organisation.refresh_from_db()
    assert organisation.logo_url != first
    assert client.get(first).status_code == 404
    mine.post(page("logo-remove", organisation))
    organisation.refresh_from_db()
    assert organisation.logo_url == ""
    assert mine.post(page("logo-remove", organisation)).status_code == 409


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("logo.svg", b"<svg/>"),
        ("logo.png", b"not a picture"),
        ("logo.png", picture("JPEG")),
        ("logo.png", picture()[:60]),
        ("logo.png", b""),
    ],
)
def test_other_files_are_no_logo(owner, organisation, name, content):
    answer = signed_in(owner).post(page("logo", organisation), {"logo": SimpleUploadedFile(name, content)})
    assert answer.status_code == 422
    assert answer.context["logo_form"].errors["logo"]
    organisation.refresh_from_db()
    assert not organisation.logo


# --- invitations -------------------------------------------------------------------------------------------
def invite(owner, organisation, email="kofi@halden.example", role="manager") -> MemberInvite:
    return actions.invite_member(by=owner, organisation=organisation, email=email, role=role)


def test_an_invitation_goes_by_mail_and_its_link_joins(owner, organisation, person):
    signed_in(owner).post(page("members", organisation), {"email": "Kofi@Halden.example", "role": "manager"})
    made = MemberInvite.objects.get()
    mail = Mail.objects.get()
    assert mail.to == "kofi@halden.example"
    link = reverse("employers:join", args=[made.token])
    assert link in mail.text
    kofi = person("kofi@halden.example", name="Kofi Mensah")
    client = signed_in(kofi)
    assert "Halden Bikes" in client.get(link).content.decode()
    assert not Membership.objects.filter(user=kofi).exists()
    assert client.post(link).url == reverse("home")
    assert membership(kofi, organisation).role == "manager"
    assert (
        Notification.objects.get(user=owner, kind="membership").title == "Kofi Mensah has joined Halden Bikes"
    )
    assert client.post(link).status_code == 302
    assert Membership.objects.filter(user=kofi).count() == 1


def test_somebody_new_joins_with_the_invited_address_without_a_code(owner, organisation, client):
    made = invite(owner, organisation)
    link = reverse("employers:join", args=[made.token])
    shown = client.get(link).content.decode()
    assert "k…@halden.example" in shown
    assert made.email not in shown.replace("kofi%40halden.example", "")
    client.post(
        f"{reverse('account_signup')}?next={link}",
        {"role": "employer", "name": "Kofi Mensah", "email": made.email, "password1": PASSWORD, "next": link,
         "date_of_birth": "1990-01-01", "zone": "UTC", "terms": "on", "website": ""},
    )  # fmt: skip
    user = User.objects.get(email=made.email)
    assert EmailAddress.objects.get(user=user).verified
    client.post(link)
    assert membership(user, organisation).role == "manager"


def test_a_link_works_once_for_its_address_for_seven_days_until_withdrawn(owner, organisation, person):
    kofi, other = person("kofi@halden.example"), person("other@example.com")
    unconfirmed = person("ama@halden.example", confirmed=False)
    first = invite(owner, organisation)
    link = reverse("employers:join", args=[first.token])
    assert Client().post(link).status_code == 302
    assert signed_in(other).post(link).status_code == 403
    assert "another address" in signed_in(other).get(link).content.decode()
    with pytest.raises(NotAllowed):
        actions.accept_invite(by=unconfirmed, invite=invite(owner, organisation, unconfirmed.email))
    actions.accept_invite(by=kofi, invite=first)
    actions.remove_member(by=owner, membership=membership(kofi, organisation))
    assert signed_in(kofi).post(link).status_code == 409
    second = invite(owner, organisation)
    actions.withdraw_invite(by=owner, invite=second)
    with pytest.raises(WrongMoment):
        actions.accept_invite(by=kofi, invite=second)
    assert (
        "no longer open"
        in signed_in(kofi).get(reverse("employers:join", args=[second.token])).content.decode()
    )
    third = invite(owner, organisation)
    clock.advance(timedelta(days=7, seconds=1))
    with pytest.raises(WrongMoment):
        actions.accept_invite(by=kofi, invite=third)
    assert not Membership.objects.filter(user=kofi).exists()
    assert Client().get(reverse("employers:join", args=["x" * 27])).status_code == 404


def test_old_invitations_are_closed_by_the_hourly_task_once(owner, organisation):
    from accounts.employers.tasks import expire_invites

    invite(owner, organisation)
    assert expire_invites() == 0
    clock.advance(timedelta(days=8))
    assert expire_invites() == 1
    assert expire_invites() == 0
    assert MemberInvite.objects.get().state == "expired"
    assert invite(owner, organisation).state == "open"


def test_an_old_invitation_does_not_stand_in_the_way_of_a_new_one(owner, organisation):
    invite(owner, organisation)
    with pytest.raises(Invalid, match="open already"):
        invite(owner, organisation)
    clock.advance(timedelta(days=8))
    assert invite(owner, organisation).state == "open"


@pytest.mark.parametrize(
    ("email", "role", "field"),
    [("", "manager", "email"), ("nobody", "manager", "email"), ("a@" + "b" * 260 + ".example", "manager", "email"),
     ("ama@halden.example", "king", "role"), ("maya@halden.example", "manager", "email")],
)  # fmt: skip
def test_bad_invitations_are_said_beside_the_field(owner, organisation, email, role, field):
    answer = signed_in(owner).post(page("members", organisation), {"email": email, "role": role})
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert not MemberInvite.objects.exists()
    assert not Mail.objects.exists()


def test_accepting_at_once_in_several_windows_joins_once(transactional_db, owner, organisation, person):
    kofi = person("kofi@halden.example")
    made = invite(owner, organisation)
    answers = []

    def one():
        try:
            answers.append(actions.accept_invite(by=kofi, invite=made).pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=one) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 6
    assert len(set(answers)) == 1
    assert StateChange.of(made).filter(to_state="accepted").count() == 1


def test_accepting_and_withdrawing_at_once_leave_one_outcome(transactional_db, owner, organisation, person):
    kofi = person("kofi@halden.example")
    for _ in range(5):
        made = invite(owner, organisation)

        def run(act, made=made, **arguments):
            try:
                act(invite=made, **arguments)
            except (WrongMoment, NotAllowed, IllegalMove):
                pass
            finally:
                connection.close()

        threads = [
            threading.Thread(target=run, args=(actions.accept_invite,), kwargs={"by": kofi}),
            threading.Thread(target=run, args=(actions.withdraw_invite,), kwargs={"by": owner}),
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        made.refresh_from_db()
        joined = Membership.objects.filter(user=kofi).exists()
        assert joined == (made.state == "accepted")
        Membership.objects.filter(user=kofi).delete()


def test_strangers_get_no_flood_of_invitations(owner, organisation):
    for number in range(5):
        other = actions.create_organisation(by=owner, name=f"Halden {number}") if number < 4 else organisation
        invite(owner, other, "stranger@example.com")
    with pytest.raises(Invalid, match="Try again later"):
        actions.withdraw_invite(by=owner, invite=MemberInvite.objects.get(organisation=organisation))
        invite(owner, organisation, "stranger@example.com")
    assert Mail.objects.filter(to="stranger@example.com").count() == 5


# --- owners and managers -----------------------------------------------------------------------------------
def test_a_manager_invites_managers_and_never_owners(organisation, manager):
    client = signed_in(manager)
    assert (
        client.post(
            page("members", organisation), {"email": "a@halden.example", "role": "manager"}
        ).status_code
        == 302
    )
    assert (
        client.post(page("members", organisation), {"email": "b@halden.example", "role": "owner"}).status_code
        == 403
    )
    with pytest.raises(NotAllowed):
        invite(manager, organisation, "b@halden.example", "owner")
    assert MemberInvite.objects.get().role == "manager"


def test_a_manager_manages_no_members(organisation, owner, manager, member):
    ama = member(organisation, "manager", "ama@halden.example")
    client = signed_in(manager)
    for other in (owner, ama):
        assert client.post(page("member-remove", organisation, other.public_id)).status_code == 403
        assert (
            client.post(
                page("member-role", organisation, other.public_id),
                {"role": "manager" if other == owner else "owner"},
            ).status_code
            == 403
        )
    assert (
        client.post(page("member-role", organisation, manager.public_id), {"role": "owner"}).status_code
        == 403
    )
    assert membership(manager, organisation).role == "manager"
    owners_invite = invite(owner, organisation, "c@halden.example", "owner")
    assert client.post(page("invite-withdraw", organisation, owners_invite.public_id)).status_code == 403
    shown = client.get(page("members", organisation)).content.decode()
    assert "Make owner" not in shown


def test_owners_make_owners_and_take_members_out(organisation, owner, manager):
    client = signed_in(owner)
    client.post(page("member-role", organisation, manager.public_id), {"role": "owner"})
    assert membership(manager, organisation).role == "owner"
    assert Notification.objects.filter(user=manager, kind="security").count() == 1
    client.post(page("member-role", organisation, manager.public_id), {"role": "manager"})
    assert (
        client.post(page("member-role", organisation, manager.public_id), {"role": "king"}).status_code == 302
    )
    assert membership(manager, organisation).role == "manager"
    assert client.post(page("member-remove", organisation, manager.public_id)).status_code == 302
    assert client.post(page("member-remove", organisation, manager.public_id)).status_code == 404
    assert not Membership.objects.filter(user=manager).exists()
    assert Notification.objects.filter(user=manager, title__contains="no longer act").exists()


def test_the_last_owner_cannot_leave_or_step_down(organisation, owner, manager):
    client = signed_in(owner)
    assert client.post(page("leave", organisation)).status_code == 409
    assert (
        client.post(page("member-role", organisation, owner.public_id), {"role": "manager"}).status_code
        == 409
    )
    assert client.post(page("member-remove", organisation, owner.public_id)).status_code == 403
    actions.set_role(by=owner, membership=membership(manager, organisation), role="owner")
    manager.is_active = False
    manager.save()
    assert client.post(page("leave", organisation)).status_code == 409
    manager.is_active = True
    manager.save()
    assert client.post(page("leave", organisation)).status_code == 302
    assert list(queries.owners(organisation)) == [manager]


def test_two_owners_who_leave_at_once_leave_one(transactional_db, owner, organisation, member):
    kofi = member(organisation, "owner", "kofi@halden.example")

    def run(user):
        try:
            actions.leave(by=user, organisation=organisation)
        except WrongMoment:
            pass
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(user,)) for user in (owner, kofi)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Membership.objects.filter(organisation=organisation, role="owner").count() == 1


def test_a_removed_member_has_lost_everything_and_left_no_way_back(organisation, owner, manager):
    client = signed_in(manager)
    assert client.get(page("members", organisation)).status_code == 200
    back_door = invite(manager, organisation, "kofi.private@example.com")
    own = MemberInvite.objects.create(
        organisation=organisation,
        email=manager.email,
        role="manager",
        expires_at=clock.now() + timedelta(days=7),
    )
    actions.remove_member(by=owner, membership=membership(manager, organisation))
    for name in ("organisation", "members", "verify"):
        assert client.get(page(name, organisation)).status_code == 404
    assert client.get(reverse("employers:mine")).url == reverse("employers:new")
    for made in (back_door, own):
        made.refresh_from_db()
        assert made.state == "withdrawn"
    with pytest.raises(NotAllowed):
        actions.update_organisation(by=manager, organisation=organisation, about="Still here")
    with pytest.raises(NotAllowed):
        invite(manager, organisation, "x@example.com")
    actions.leave(by=manager, organisation=organisation)
    actions.remove_member(by=owner, membership=Membership(pk=0, organisation=organisation, user=manager))


def test_an_owner_who_steps_down_leaves_no_owner_invitation_behind(organisation, owner, member):
    kofi = member(organisation, "owner", "kofi@halden.example")
    made = invite(kofi, organisation, "friend@example.com", "owner")
    actions.set_role(by=owner, membership=membership(kofi, organisation), role="manager")
    made.refresh_from_db()
    assert made.state == "withdrawn"


def test_an_invitation_as_owner_raises_a_manager(organisation, owner, manager):
    made = MemberInvite.objects.create(
        organisation=organisation,
        email=manager.email,
        role="owner",
        invited_by=owner,
        expires_at=clock.now() + timedelta(days=7),
    )
    actions.accept_invite(by=manager, invite=made)
    assert membership(manager, organisation).role == "owner"


def test_ids_of_another_organisation_open_nothing(organisation, owner, person):
    stranger = person("stranger@example.com")
    other = actions.create_organisation(by=stranger, name="Other")
    made = invite(stranger, other, "x@example.com")
    client = signed_in(owner)
    assert client.post(page("invite-withdraw", organisation, made.public_id)).status_code == 404
    assert client.post(page("member-remove", organisation, stranger.public_id)).status_code == 404
    assert client.post(page("member-remove", other, stranger.public_id)).status_code == 404
    for name in ("organisation", "members", "verify"):
        assert client.get(page(name, other)).status_code == 404
    made.refresh_from_db()
    assert made.state == "open"


def test_the_members_page_costs_the_same_with_many(organisation, owner, person):
    client = signed_in(owner)

    def cost():
        with CaptureQueriesContext(connection) as seen:
            assert client.get(page("members", organisation)).status_code == 200
        return len(seen)

    cost()
    few = cost()
    for number in range(12):
        user = User.objects.create_user(f"m{number}@halden.example", None, name=f"Member {number}")
        Membership.objects.create(organisation=organisation, user=user)
        invite(owner, organisation, f"i{number}@halden.example")
    assert cost() == few


# --- verification ------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("email", "website", "proves"),
    [
        ("maya@halden.example", "https://halden.example", True),
        ("maya@halden.example", "https://www.Halden.example/about?x=1", True),
        ("maya@halden.example", "https://other.example", False),
        ("maya@halden.example", "https://halden.example.evil.example", False),
        ("maya@halden.example", "https://halden.example@evil.example", False),
        ("maya@halden.example", "", False),
        ("maya@gmail.com", "https://gmail.com", False),
        ("maya@mailinator.com", "https://mailinator.com", False),
        ("maya@mit.edu", "https://mit.edu", False),
        ("", "https://halden.example", False),
    ],
)
def test_only_the_companys_own_domain_proves_by_itself(email, website, proves):
    assert domains.proves(email, website) == proves
    if not proves:
        assert domains.why_not(email, website)


def test_an_address_at_the_websites_domain_is_accepted_at_once(organisation):
    proof = Proof.objects.get(organisation=organisation)
    assert (proof.kind, proof.state, proof.detail) == ("domain", "accepted", "halden.example")
    assert not queries.is_verified(organisation)


@pytest.mark.parametrize(
    "email", ["maya@gmail.com", "maya@mailinator.com", "maya@mit.edu", "maya@elsewhere.example"]
)
def test_other_addresses_wait_for_a_moderator(person, email):
    user = person(email)
    organisation = actions.create_organisation(
        by=user,
        name="Halden",
        website=f"https://{email.split('@')[1]}" if "elsewhere" not in email else "https://halden.example",
    )
    assert not Proof.objects.exists()
    client = signed_in(user)
    client.post(page("verify", organisation), {"kind": "domain"})
    assert Proof.objects.get().state == "pending"
    assert "A moderator" in client.get(page("verify", organisation)).content.decode()


def test_an_unconfirmed_address_proves_nothing(person):
    user = person("maya@halden.example", confirmed=False)
    organisation = actions.create_organisation(by=user, name="Halden", website="https://halden.example")
    assert not Proof.objects.exists()
    with pytest.raises(Invalid):
        actions.submit_proof(by=user, organisation=organisation, kind="domain")


def test_two_accepted_proofs_make_it_verified_and_the_owner_is_told(organisation, owner, moderator):
    signed_in(owner).post(
        page("verify", organisation), {"kind": "registry", "detail": "Companies House  01234567"}
    )
    proof = Proof.objects.get(kind="registry")
    assert (proof.state, proof.detail) == ("pending", "Companies House 01234567")
    actions.decide_proof(by=moderator, proof=proof, accept=True)
    organisation.refresh_from_db()
    assert organisation.verified_at
    assert "verified now" in Notification.objects.get(user=owner, kind="proof").body
    assert StateChange.of(proof).last().by == moderator
    actions.decide_proof(by=moderator, proof=proof, accept=True)
    assert Notification.objects.filter(kind="proof").count() == 1
    assert "Verified employer" in signed_in(owner).get(page("organisation", organisation)).content.decode()


def test_a_refusal_carries_a_note_and_can_be_answered(organisation, owner, moderator):
    proof = actions.submit_proof(by=owner, organisation=organisation, kind="registry", detail="HRB 1")
    with pytest.raises(Invalid):
        actions.decide_proof(by=moderator, proof=proof, accept=False)
    actions.decide_proof(by=moderator, proof=proof, accept=False, note="We cannot find HRB 1.")
    assert "We cannot find HRB 1." in signed_in(owner).get(page("verify", organisation)).content.decode()
    again = actions.submit_proof(by=owner, organisation=organisation, kind="registry", detail="HRB 12")
    again.refresh_from_db()
    assert (again.pk, again.state, again.note) == (proof.pk, "pending", "")


def test_taking_a_proof_back_takes_the_tick_back(organisation, owner, moderator):
    proof = actions.submit_proof(by=owner, organisation=organisation, kind="registry", detail="HRB 1")
    actions.decide_proof(by=moderator, proof=proof, accept=True)
    actions.decide_proof(by=moderator, proof=proof, accept=False, note="It was somebody else’s number.")
    organisation.refresh_from_db()
    assert organisation.verified_at is None


def test_only_moderators_decide_and_not_about_their_own(organisation, owner, manager, moderator, student):
    proof = actions.submit_proof(by=owner, organisation=organisation, kind="registry", detail="HRB 1")
    for user in (owner, manager, student):
        with pytest.raises(NotAllowed):
            actions.decide_proof(by=user, proof=proof, accept=True)
    Membership.objects.create(organisation=organisation, user=moderator)
    with pytest.raises(NotAllowed):
        actions.decide_proof(by=moderator, proof=proof, accept=True)
    proof.refresh_from_db()
    assert proof.state == "pending"


@pytest.mark.parametrize(
    ("data", "field"),
    [({"kind": "registry", "detail": ""}, "detail"), ({"kind": "registry", "detail": "no number"}, "detail"),
     ({"kind": "registry", "detail": "1" * 201}, "detail"), ({"kind": "payment"}, "kind"),
     ({"kind": "vouched"}, "kind")],
)  # fmt: skip
def test_bad_proofs_are_refused(organisation, owner, data, field):
    answer = signed_in(owner).post(page("verify", organisation), data)
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert set(Proof.objects.values_list("kind", flat=True)) == {"domain"}


def test_nobody_proves_a_payment_or_a_voucher_by_asking(organisation, owner):
    for kind in ("payment", "vouched", "magic"):
        with pytest.raises(Invalid):
            actions.submit_proof(by=owner, organisation=organisation, kind=kind)


def test_a_new_website_or_name_is_looked_at_again(organisation, owner, moderator):
    proof = actions.submit_proof(by=owner, organisation=organisation, kind="registry", detail="HRB 1")
    actions.decide_proof(by=moderator, proof=proof, accept=True)
    actions.update_organisation(by=owner, organisation=organisation, website="https://google.example")
    organisation.refresh_from_db()
    assert organisation.verified_at is None
    assert Proof.objects.get(kind="domain").state == "pending"
    actions.update_organisation(by=owner, organisation=organisation, website="https://halden.example")
    organisation.refresh_from_db()
    assert organisation.verified_at
    actions.update_organisation(by=owner, organisation=organisation, name="Google")
    organisation.refresh_from_db()
    assert organisation.verified_at is None
    assert Proof.objects.get(kind="registry").state == "pending"


def test_school_staff_vouch_and_nobody_else(organisation, owner, person, student):
    coordinator = person("coordinator@example.com")
    SchoolStaff.objects.create(user=coordinator, school=recognise("x@mit.edu"))
    client = signed_in(coordinator)
    assert "Halden Bikes" in client.get(page("vouch", organisation)).content.decode()
    client.post(page("vouch", organisation))
    client.post(page("vouch", organisation))
    proof = Proof.objects.get(kind="vouched")
    assert (proof.state, proof.detail) == ("accepted", "Massachusetts Institute of Technology")
    organisation.refresh_from_db()
    assert organisation.verified_at
    for user in (owner, student):
        assert signed_in(user).get(page("vouch", organisation)).status_code == 404
        with pytest.raises(NotAllowed):
            actions.vouch(by=user, organisation=organisation)
    SchoolStaff.objects.create(user=owner, school=recognise("x@mit.edu"))
    with pytest.raises(NotAllowed):
        actions.vouch(by=owner, organisation=organisation)


def test_a_cleared_payment_is_a_proof_once(organisation):
    actions.note_cleared_payment(organisation, "pi_1")
    actions.note_cleared_payment(organisation, "pi_2")
    organisation.refresh_from_db()
    assert organisation.verified_at
    assert Proof.objects.filter(kind="payment").count() == 1


def test_the_first_clean_completion_marks_it_once(organisation):
    assert actions.mark_proven(organisation)
    assert not actions.mark_proven(organisation)
    organisation.refresh_from_db()
    assert organisation.proven_at


# --- suspension --------------------------------------------------------------------------------------------
def test_a_suspended_organisation_reads_and_does_not_act(organisation, owner, manager, moderator):
    made = invite(owner, organisation, "new@halden.example")
    with pytest.raises(NotAllowed):
        actions.suspend_organisation(by=owner, organisation=organisation, reason="x")
    with pytest.raises(Invalid):
        actions.suspend_organisation(by=moderator, organisation=organisation, reason="")
    actions.suspend_organisation(by=moderator, organisation=organisation, reason="Fake postings")
    client = signed_in(owner)
    assert "Fake postings" in client.get(page("organisation", organisation)).content.decode()
    assert client.post(page("organisation", organisation), GOOD).status_code == 403
    assert (
        client.post(page("members", organisation), {"email": "x@example.com", "role": "manager"}).status_code
        == 403
    )
    kofi = User.objects.get(pk=manager.pk)
    EmailAddress.objects.create(user=kofi, email=made.email, verified=True)
    with pytest.raises(WrongMoment):
        actions.accept_invite(by=kofi, invite=made)
    actions.lift_suspension(by=moderator, organisation=organisation)
    assert client.post(page("organisation", organisation), GOOD).status_code == 302


def test_pages_of_an_organisation_are_for_whoever_is_signed_in(client, organisation):
    for name in ("organisation", "members", "verify", "logo", "vouch"):
        assert reverse("account_login") in client.get(page(name, organisation)).url
    for name in ("leave", "logo-remove"):
        assert reverse("account_login") in client.post(page(name, organisation)).url
    assert reverse("account_login") in client.get(reverse("employers:new")).url
    assert queries.visible_to(client.get("/").wsgi_request.user).count() == 0
