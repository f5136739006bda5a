"""Who an employer is. Two accepted proofs make it verified; what they hung on changing takes that back."""

from django.db import transaction

from accounts.schools.models import SchoolStaff
from accounts.schools.queries import domain_of
from marketplace.ground import clock
from marketplace.ground.errors import Invalid, NotAllowed
from marketplace.ground.states import move, record

from . import domains, notices
from .models import Organisation, Proof
from .queries import PROOFS_WANTED, allowed_actions, confirmed_addresses
from .states import ProofState

Kind = Proof.Kind
NAMED = (Kind.REGISTRY, Kind.VOUCHED)  # these prove the name


def _lock(organisation) -> Organisation:
    return Organisation.objects.select_for_update().get(pk=organisation.pk)


@transaction.atomic
def submit_proof(*, by, organisation, kind: str, detail: str = "") -> Proof:
    """Hand in a proof as a member: the company's e-mail domain, or a registry number (`detail`).

    An address at the website's own domain is accepted at once; everything else waits for a moderator.
    Raises `Invalid` on `kind` or `detail`.
    """
    organisation = _lock(organisation)
    if refusal := allowed_actions(by, organisation)["submit_proof"]:
        raise NotAllowed(refusal)
    if kind == Kind.DOMAIN:
        return prove_domain(organisation, by)
    if kind != Kind.REGISTRY:
        raise Invalid({"kind": ["Choose one of the two."]})
    detail = " ".join(detail.split())
    if not any(c.isdigit() for c in detail):
        raise Invalid(
            {"detail": ["Write the number and the register, for example: Companies House 01234567."]}
        )
    if len(detail) > 200:
        raise Invalid({"detail": ["Keep this to 200 characters."]})
    return _hand_in(organisation, Kind.REGISTRY, detail, by)


def prove_domain(organisation, by, *, quietly: bool = False) -> Proof | None:
    """Judge the confirmed addresses of `by` against the website.

    quietly: after a change of the website; keeps silent when nothing is proved, and takes back what no longer
    holds.
    """
    addresses = confirmed_addresses(by)
    email = next((a for a in addresses if domains.proves(a, organisation.website)), "")
    if email:
        return _accept(organisation, Kind.DOMAIN, domain_of(email), by=None)
    if quietly:
        known = Proof.objects.filter(
            organisation=organisation, kind=Kind.DOMAIN, state=ProofState.ACCEPTED
        ).first()
        if known:
            move(known, ProofState.PENDING, by=by, note="The website has changed.")
            settle(organisation)
        return known
    if not addresses:
        raise Invalid({"kind": ["Confirm your e-mail address first."]})
    return _hand_in(organisation, Kind.DOMAIN, domain_of(addresses[0]), by)


@transaction.atomic
def vouch(*, by, organisation) -> Proof:
    """School staff say that they know this employer; accepted at once, once, and in their name."""
    post = SchoolStaff.objects.select_related("school").filter(user=by).order_by("pk").first()
    if post is None:
        raise NotAllowed("Only people who work at a school can vouch for an employer.")
    organisation = _lock(organisation)
    if organisation.memberships.filter(user=by).exists():
        raise NotAllowed("You cannot vouch for an organisation that you act for yourself.")
    return _accept(organisation, Kind.VOUCHED, post.school.name[:200], by=by)


@transaction.atomic
def note_cleared_payment(organisation, detail: str = "") -> Proof:
    """The employer's money has arrived for good: one of the proofs. Safe to call for every payment."""
    return _accept(_lock(organisation), Kind.PAYMENT, detail[:200], by=None)


@transaction.atomic
def decide_proof(*, by, proof, accept: bool, note: str = "") -> Proof:
    """A moderator accepts or refuses; refusing needs a note, which the owners read. The same twice is nothing."""
    organisation = _lock(proof.organisation)
    if refusal := allowed_actions(by, organisation)["decide_proof"]:
        raise NotAllowed(refusal)
    if organisation.memberships.filter(user=by).exists():
        raise NotAllowed("You cannot decide about an organisation that you act for yourself.")
    note = note.strip()
    if len(note) > 300:
        raise Invalid({"note": ["Keep this to 300 characters."]})
    if not accept and not note:
        raise Invalid({"note": ["Say what is missing, so that they can put it right."]})
    proof = Proof.objects.select_for_update().select_related("organisation").get(pk=proof.pk)
    state = ProofState.ACCEPTED if accept else ProofState.REFUSED
    if proof.state == state:
        return proof
    move(proof, state, by=by, note=note)
    Proof.objects.filter(pk=proof.pk).update(note=note)
    proof.note = note
    settle(organisation)
    notices.proof_decided(proof, organisation)
    return proof


@transaction.atomic
def look_again(organisation, by, why: str) -> None:
    """Proofs of the name go back to a moderator when the name changes."""
    for proof in Proof.objects.filter(organisation=organisation, kind__in=NAMED, state=ProofState.ACCEPTED):
        move(proof, ProofState.PENDING, by=by, note=why)
    settle(organisation)


def _hand_in(organisation, kind: str, detail: str, by) -> Proof:
    proof, new = Proof.objects.get_or_create(
        organisation=organisation, kind=kind, defaults={"detail": detail}
    )
    if new:
        record(proof, ProofState.PENDING, by=by, note=detail)
        return proof
    if proof.detail == detail and proof.state != ProofState.REFUSED:
        return proof
    if proof.state != ProofState.PENDING:
        move(proof, ProofState.PENDING, by=by, note=detail)
    Proof.objects.filter(pk=proof.pk).update(detail=detail, note="")
    proof.detail, proof.note = detail, ""
    settle(organisation)
    return proof


def _accept(organisation, kind: str, detail: str, *, by) -> Proof:
    proof, new = Proof.objects.get_or_create(
        organisation=organisation, kind=kind, defaults={"detail": detail}
    )
    if new:
        record(proof, ProofState.PENDING, by=by, note=detail)
    if proof.state != ProofState.ACCEPTED:
        move(proof, ProofState.ACCEPTED, by=by)
    if proof.detail != detail and detail:
        Proof.objects.filter(pk=proof.pk).update(detail=detail)
        proof.detail = detail
    settle(organisation)
    return proof


def settle(organisation) -> None:
    """Set or clear `verified_at` by the number of accepted proofs."""
    enough = organisation.proofs.filter(state=ProofState.ACCEPTED).count() >= PROOFS_WANTED
    if enough and organisation.verified_at is None:
        organisation.verified_at = clock.now()
        record(organisation, "verified")
    elif not enough and organisation.verified_at is not None:
        organisation.verified_at = None
        record(organisation, "unverified")
    else:
        return
    organisation.save(update_fields=["verified_at"])
