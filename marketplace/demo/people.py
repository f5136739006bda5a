"""People and organisations of the demo world, made by the same verbs that sign-up uses."""

from datetime import date
from random import Random

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password

from accounts.employers import actions as employers
from accounts.employers.models import Organisation, Proof
from accounts.models import School, SchoolStaff, User
from accounts.skills.functions import Function
from accounts.skills.models import Skill
from accounts.students import actions as students
from marketplace.ground import clock, policy
from payments.books import actions as books
from projects.catalog.library import by_function

from . import cast

STREETS = ("Mill Road", "Harbour Street", "Station Road", "Elm Avenue", "Market Square", "River Lane")


class People:
    """Everybody, by name or function."""

    def __init__(self, seed: Random):
        self.seed = seed
        self.password = make_password(cast.PASSWORD)  # hashed once: Argon2 is slow on purpose
        self.names = {s.slug: s.name for s in Skill.objects.filter(state="accepted")}
        self.by_function: dict[str, list[User]] = {}

    def user(self, email: str, name: str, zone: str = "America/New_York", **more) -> User:
        user = User.objects.create(
            email=email,
            name=name,
            zone=zone,
            password=self.password,
            terms_accepted_at=clock.now(),
            date_of_birth=date(clock.now().year - self.seed.randint(19, 27), self.seed.randint(1, 12), 14),
            **more,
        )
        EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
        return user

    def named(self, key: str, **more) -> User:
        return self.user(*cast.NAMED[key], **more)

    def make_staff(self) -> None:
        brand = policy.brand()
        brand.postal_address = "12 Quay Street, Baltimore, MD 21230, United States"
        brand.save(update_fields=["postal_address"])
        self.moderator = self.named("moderator", is_staff=True, is_superuser=True)
        self.named("appeals", is_staff=True, is_superuser=True)
        self.schools = [School.objects.create(name=name, domains=[domain]) for name, domain in cast.SCHOOLS]
        self.coordinator = self.named("school")
        SchoolStaff.objects.create(user=self.coordinator, school=self.schools[0], title="Career centre")
        self.mentor = self.named("mentor")

    # --- employers ------------------------------------------------------------------------------------------
    def make_employer(self, who: cast.Employer) -> tuple[User, Organisation]:
        """The owner and the organisation; most are verified by their domain and a second proof."""
        if who.owner == cast.NAMED["employer"][1]:
            owner = self.named("employer")
        elif who.owner == cast.NAMED["mentor"][1]:
            owner = self.mentor
        else:
            owner = self.user(f"{who.owner.split()[0].lower()}@{who.domain}", who.owner)
        organisation = employers.create_organisation(
            by=owner,
            name=who.name,
            website=f"https://{who.domain}",
            about=who.about,
            sector=who.sector,
            size=who.size,
            place=who.place,
        )
        return owner, organisation

    def prove(self, owner: User, organisation: Organisation, kind: str) -> None:
        """One more proof: a registry number that a moderator accepts, or the school's word."""
        if kind == Proof.Kind.VOUCHED:
            employers.vouch(by=self.coordinator, organisation=organisation)
            return
        proof = employers.submit_proof(
            by=owner,
            organisation=organisation,
            kind=Proof.Kind.REGISTRY,
            detail=f"US-{self.seed.randint(100000, 999999)}",
        )
        if kind == Proof.Kind.REGISTRY:
            employers.decide_proof(
                by=self.moderator, proof=proof, accept=True, note="Found in the state register."
            )

    def bill(self, owner: User, organisation: Organisation, who: cast.Employer) -> None:
        """What stands on the organisation's invoices; half of them work with order numbers."""
        number = self.seed.randint(1, 240)
        books.set_billing_details(
            by=owner,
            organisation=organisation,
            name=f"{who.name} LLC",
            address=f"{number} {self.seed.choice(STREETS)}\n{who.place}\nUnited States",
            tax_id=f"{self.seed.randint(10, 99)}-{self.seed.randint(1_000_000, 9_999_999)}",
            po_number=f"PO-{self.seed.randint(1000, 9999)}" if number % 2 else "",
        )

    # --- students -------------------------------------------------------------------------------------------
    def make_student(self, email: str, name: str, function: str, *, thin: bool = False) -> User:
        """A student of `function`; a thin profile is what somebody has on their first day."""
        user = self.user(email, name)
        wanted = list(dict.fromkeys(s for t in by_function()[function] for s in t.skills if s in self.names))
        self.seed.shuffle(wanted)
        mine = [self.names[slug] for slug in wanted[: 3 if thin else self.seed.randint(4, 7)]]
        programme = cast.PROGRAMMES[function]
        words = {"programme": programme, "skill": mine[0].lower()}
        fields = {
            "headline": self.seed.choice(cast.HEADLINES).format(**words),
            "programme": programme,
            "hours_free": self.seed.choice([6, 8, 8, 10, 12, 15]),
            "interests": [function],
        }
        if not thin:
            fields |= {
                "about": self.seed.choice(cast.ABOUT).format(**words),
                "may_work": "yes",
                "graduates_in": clock.now().year + self.seed.randint(0, 3),
                "interests": [function, self.seed.choice(Function.values)],
                "open_to_invitations": self.seed.random() < 0.6,
                "portfolio_on": self.seed.random() < 0.5,
            }
        profile = students.create_profile(by=user, **fields)
        students.set_skills(
            by=user,
            skills=[
                (
                    skill,
                    self.seed.choice(["learning", "able", "able", "strong"]),
                    "" if thin else self.seed.choice(cast.EVIDENCE),
                )
                for skill in mine
            ],
        )
        if not thin:
            school = self.seed.choice(self.schools) if email != cast.NAMED["student"][0] else self.schools[0]
            students.take_school(profile, school, f"{user.public_id}@{school.domains[0]}")
        self.by_function.setdefault(function, []).append(user)
        return user

    def students(self, count: int):
        """Make students one by one, of every function in turn."""
        functions = Function.values
        pairs = [(first, last) for first in cast.FIRST for last in cast.LAST]
        self.seed.shuffle(pairs)
        for number, (first, last) in enumerate(pairs[:count]):
            yield self.make_student(
                f"student{number + 1}@example.com",
                f"{first} {last}",
                functions[number % len(functions)],
                thin=number % 9 == 8,
            )

    def fitting(self, function: str, count: int) -> list[User]:
        """Students who might apply: most of that function, a few of others."""
        own = list(self.by_function.get(function, []))
        self.seed.shuffle(own)
        others = [u for f, users in self.by_function.items() if f != function for u in users]
        return (own + self.seed.sample(others, min(len(others), 6)))[:count]
