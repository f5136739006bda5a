"""The admin is one more door to the same verbs: staff look and act, nobody edits rows past the rules."""

import re

import pytest
from django.contrib import admin
from django.urls import reverse

from accounts.models import Mail, Membership, Organisation, Proof, User
from marketplace.ground.acting import ActingAdmin
from marketplace.ground.models import Policy
from marketplace.ground.policy import current


@pytest.fixture
def moderator(db):
    return User.objects.create_user("mo@example.com", "x" * 12, name="Mo", is_staff=True)


@pytest.fixture
def operator(db):
    return User.objects.create_superuser("op@example.com", "x" * 12, name="Op")


@pytest.fixture
def proof(db):
    organisation = Organisation.objects.create(name="Halden Bikes", website="https://halden.example")
    owner = User.objects.create_user("ines@halden.example", "x" * 12, name="Ines")
    Membership.objects.create(organisation=organisation, user=owner, role="owner")
    return Proof.objects.create(organisation=organisation, kind="registry", detail="DE 123")


def pages():
    return [
        model
        for model in admin.site._registry
        if model._meta.app_label in ("accounts", "projects", "payments", "ground")
    ]


@pytest.mark.parametrize("model", pages(), ids=lambda m: m._meta.label)
def test_every_list_opens_for_staff_and_for_nobody_else(client, moderator, model):
    url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    assert client.get(url).status_code == 302
    client.force_login(User.objects.create_user("nobody@example.com", "x" * 12, name="No"))
    assert client.get(url).status_code == 302
    client.force_login(moderator)
    assert client.get(url, follow=True).status_code == 200


@pytest.mark.parametrize(
    "model",
    [m for m in pages() if isinstance(admin.site._registry[m], ActingAdmin)],
    ids=lambda m: m._meta.label,
)
def test_rows_are_read_and_never_added_edited_or_deleted(rf, moderator, model):
    request = rf.get("/")
    request.user = moderator
    page = admin.site._registry[model]
    assert (
        page.has_add_permission(request),
        page.has_change_permission(request),
        page.has_delete_permission(request),
    ) == (False, False, False)


def test_the_front_page_counts_what_waits_and_says_how_the_parts_are(client, moderator, proof):
    client.force_login(moderator)
    page = client.get(reverse("admin:index")).content.decode()
    assert re.search(r"Proofs to decide</a></th><td>1</td>", page)
    assert "Database" in page
    assert "Beat" in page
    assert "Applications a week" in page


def test_a_proof_is_accepted_through_the_rooms_own_verb(client, moderator, proof):
    client.force_login(moderator)
    url = reverse("admin:accounts_proof_act", args=[proof.pk, "accept"])
    assert client.post(url, {"reasons": "Found in the register."}).status_code == 302
    proof.refresh_from_db()
    assert (proof.state, proof.note) == ("accepted", "Found in the register.")


def test_refusing_without_a_reason_is_answered_beside_the_field_and_changes_nothing(client, moderator, proof):
    client.force_login(moderator)
    answer = client.post(reverse("admin:accounts_proof_act", args=[proof.pk, "refuse"]), {"reasons": " "})
    assert answer.status_code == 422
    assert answer.context["form"].errors["reasons"]
    proof.refresh_from_db()
    assert proof.state == "pending"


@pytest.mark.parametrize("path", ["accounts_proof_act 99999 accept", "accounts_proof_act 1x accept"])
def test_what_is_not_there_is_a_404(client, moderator, path):
    name, *args = path.split()
    client.force_login(moderator)
    assert client.post(reverse(f"admin:{name}", args=args)).status_code == 404


def test_an_act_that_does_not_exist_is_a_404(client, moderator, proof):
    client.force_login(moderator)
    assert client.post(reverse("admin:accounts_proof_act", args=[proof.pk, "explode"])).status_code == 404


def test_acts_need_staff_and_a_token(client, proof, django_user_model):
    url = reverse("admin:accounts_proof_act", args=[proof.pk, "accept"])
    client.force_login(User.objects.create_user("nobody@example.com", "x" * 12, name="No"))
    assert client.post(url, {"reasons": ""}).status_code == 302
    proof.refresh_from_db()
    assert proof.state == "pending"


def test_only_the_operator_changes_the_rules_and_the_change_is_kept(client, moderator, operator):
    url = reverse("admin:ground_policy_change", args=[1])
    values = current().frozen()
    client.force_login(moderator)
    assert client.get(url).status_code == 200
    assert client.post(url, {**values, "fee_bp": 1200}).status_code == 403
    client.force_login(operator)
    assert client.post(url, {**values, "fee_bp": 1200}).status_code == 302
    assert Policy.objects.get().fee_bp == 1200
    assert "fee bp: 1000 → 1200" in client.get(url).content.decode()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("fee_bp", 3001),
        ("fee_bp", -1),
        ("pay_floor_cents", 0),
        ("pay_floor_cents", 1_000_001),
        ("local_minimum_wage_cents", -1),
        ("min_hours", 0),
        ("min_hours", 41),
        ("max_hours", 81),
        ("max_hours_approved", 99999),
        ("min_days", 32),
        ("max_days", 57),
        ("hard_max_days", 0),
        ("application_window_days", 0),
        ("application_window_min_hours", 169),
        ("application_cap", 0),
        ("answer_days", 11),
        ("kickoff_days", 15),
        ("offer_hours", 11),
        ("offer_hours", 73),
        ("offer_weekend_hours", 721),
        ("kickoff_penalty_bp", 10_001),
        ("extension_max_bp", 10_001),
        ("review_business_days", 0),
        ("review_last_days", 61),
        ("hold_days", 731),
        ("sample_one_in", 0),
        ("weekly_hours_warn", 31),
        ("zone", "Mars/Olympus_Mons"),
        ("zone", "../../etc/passwd"),
        ("zone", ""),
    ],
)
def test_nonsense_in_the_rules_is_refused_beside_the_field(client, operator, field, value):
    before = current().frozen()
    client.force_login(operator)
    answer = client.post(reverse("admin:ground_policy_change", args=[1]), {**before, field: value})
    assert answer.status_code == 200
    assert field in answer.context["adminform"].form.errors
    assert Policy.objects.get().frozen() == before


def test_a_moderator_cannot_suspend_an_operator(client, moderator, operator):
    client.force_login(moderator)
    answer = client.post(
        reverse("admin:accounts_user_act", args=[operator.pk, "suspend"]), {"reasons": "Coup."}
    )
    assert answer.status_code == 403
    operator.refresh_from_db()
    assert operator.is_active


def test_a_mail_that_was_given_up_can_be_tried_again(client, moderator):
    mail = Mail.objects.create(
        key="k", message_id="<k@x>", to="a@example.com", kind="offer", subject="s", text="t", state="failed"
    )
    client.force_login(moderator)
    assert client.post(reverse("admin:accounts_mail_act", args=[mail.pk, "retry"])).status_code == 302
    mail.refresh_from_db()
    assert mail.state == "pending"


def test_the_admin_has_no_second_door(client, moderator):
    assert client.get("/admin/login/?next=/admin/").url.startswith(reverse("account_login"))
    client.force_login(moderator)
    assert client.get("/admin/login/").url == reverse("admin:index")


@pytest.mark.parametrize("name", ["index", "projects_project_changelist", "ground_policy_changelist"])
def test_the_admin_stands_under_the_same_policy_for_scripts_and_styles(client, operator, name):
    client.force_login(operator)
    answer = client.get(reverse(f"admin:{name}"), follow=True)
    assert "unsafe" not in answer["Content-Security-Policy"]
    body = answer.content.decode()
    assert " style=" not in body
    assert not re.search(r"<script(?![^>]*(src=|application/json))", body)
