"""A school that pays a share of its students' work: its wallet, its programmes, and what it answers."""

from datetime import timedelta
from decimal import Decimal

from marketplace.ground import clock
from payments.wallets import actions as wallets
from projects.sponsoring import actions as sponsoring

from . import bank

SHARE, ALL = "share", "all"


class Sponsor:
    """The career centre of the first school. `answers` tells how a request ends: approved, declined, or waiting."""

    def __init__(self, people):
        self.people, self.school, self.by = people, people.schools[0], people.coordinator

    def begin(self):
        """Money comes in by card and by bank, and the rules are written down."""
        yield timedelta(hours=1)
        self.wallet = wallets.open_wallet(by=self.by, school=self.school)
        self.pay(800_000)
        today = clock.now().date()
        wallets.record_transfer(
            by=self.people.moderator,
            wallet=self.wallet,
            amount=300_000,
            received_on=today,
            reference="ALUMNI FUND 2041",
        )
        wallets.set_low_mark(by=self.by, wallet=self.wallet, amount=200_000)
        common = {
            "starts_on": today,
            "ends_on": today + timedelta(days=240),
            "cap_student": 150_000,
            "hourly_min": 0,
            "approval": "each",
            "functions": [],
            "verified_only": False,
            "small_only": False,
            "first_timers_only": False,
            "hours_min": Decimal(5),
            "hours_max": Decimal(40),
            "schools": [self.school],
        }
        self.programmes = {
            SHARE: self.programme(
                name="Paid practice",
                about="A share of the pay of our students, so that smaller employers can offer real work.",
                share_bp=6_000,
                budget=600_000,
                cap_project=60_000,
                **common,
            ),
            ALL: self.programme(
                name="Neighbourhood projects",
                about="We pay all of it where the work serves the town.",
                share_bp=10_000,
                budget=400_000,
                cap_project=None,
                **common,
            ),
        }

    def programme(self, **data):
        return sponsoring.save_programme(by=self.by, wallet=self.wallet, data=data)

    def pay(self, amount: int) -> None:
        """Through Stripe's payment page, as a person would."""
        urls = {"success_url": bank.HERE, "cancel_url": bank.HERE}
        lot = wallets.start_top_up(by=self.by, wallet=self.wallet, amount=amount, **urls)
        wallets.top_up_url(lot)
        lot.refresh_from_db()
        bank.control(f"sessions/{lot.session_id}/pay", method="success")
        wallets.refresh_lots(self.wallet)

    def asked(self, owner, project, which: str, answer: str) -> None:
        """The employer asks, and the career centre answers."""
        draw = sponsoring.ask_sponsorship(
            by=owner,
            project=project,
            programme=self.programmes[which],
            note="We are a small team and have never paid for such work. With your share we can.",
        )
        if answer == "approved":
            sponsoring.approve_draw(by=self.by, draw=draw)
        elif answer == "declined":
            sponsoring.decline_draw(
                by=self.by,
                draw=draw,
                reason="Posts for one month teach little. Ask again with a project that ends in a plan.",
            )
