"""The whole road in a browser against the started system: from sign-up to money in the bank and a public record."""

import json
import re

import pytest

from . import walk

pytestmark = [pytest.mark.xdist_group("site"), pytest.mark.timeout(600)]
TEMPLATE = "Make sense of a spreadsheet"


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_from_sign_up_to_the_bank_account(site, person, tmp_path, phone):
    tag = "phone" if phone else "desktop"
    ines, amara, moderator = person(phone=phone), person(phone=phone), person()

    # The employer joins, says who they are, and posts from a template.
    walk.join(ines, "employer", "Ines Halden", f"ines@halden-{tag}.example")
    walk.make_organisation(ines, f"Halden Bikes {tag}", f"https://halden-{tag}.example")
    walk.post_project(ines, TEMPLATE)
    (title, project_id) = site.sql("SELECT title, public_id FROM projects_project ORDER BY id DESC LIMIT 1")[
        0
    ]

    # A moderator reads and publishes it.
    walk.sign_in(moderator, "moderator@example.com", "foothold-demo")
    walk.publish(moderator, title)
    site.mail_to(f"ines@halden-{tag}.example", title[:20])

    # A student joins, fills a profile in, finds it and applies.
    walk.join(amara, "student", "Amara Okafor", f"amara-{tag}@example.com")
    walk.fill_profile(amara, ["Excel", "Data cleaning"])
    application = walk.apply(amara, title)
    assert "You hear" in amara.page.content() or "hear" in amara.page.inner_text("main")

    # The employer chooses her; she reads the agreement and accepts; the funds are secured.
    walk.shortlist_and_offer(ines, project_id)
    site.mail_to(f"amara-{tag}@example.com", "offer")
    walk.accept(amara)
    engagement_id = site.sql("SELECT public_id FROM projects_engagement ORDER BY id DESC LIMIT 1")[0][0]
    walk.pay(ines, engagement_id)
    site.until(lambda: state_of(site, engagement_id) == "funded", why="the funds are secured")
    assert (
        site.sql("SELECT state FROM projects_application WHERE public_id = %s", application.split("/")[2])[0][
            0
        ]
        == "hired"
    )

    # She sets up where her pay goes, starts, and hands in each milestone; each is approved.
    walk.set_up_payouts(amara)
    amara.go(f"/work/{engagement_id}/").get_by_role("button", name="Start the project").click()
    site.until(lambda: state_of(site, engagement_id) == "active", why="the work has started")
    milestones = [
        row[0]
        for row in site.sql(
            "SELECT m.public_id FROM projects_milestone m JOIN projects_engagement e ON e.id = m.engagement_id "
            'WHERE e.public_id = %s ORDER BY m."order"',
            engagement_id,
        )
    ]
    for milestone in milestones:
        walk.hand_in(amara, milestone, tmp_path)
        walk.approve(ines, milestone)
    site.until(lambda: state_of(site, engagement_id) == "completed", why="all milestones are approved")

    # An unproven employer's first pay is released seven days after approval, and then reaches the bank.
    site.advance(days=8)
    site.wake("payments.release_due", "payments.drain_calls")
    site.until(lambda: released(site, engagement_id) == len(milestones), why="every share is released")
    site.advance(days=4)
    site.until(
        lambda: paid_out(site, engagement_id) == len(milestones), why="the payout has arrived", seconds=90
    )
    page = amara.go("/payments/payouts/")
    assert re.search(r"arrived", page.inner_text("main"))

    # Both say how it was; the record stands at a public address.
    walk.review(ines, engagement_id, "Clear, careful and early.")
    walk.review(amara, engagement_id, "They answered within hours.")
    record = site.until(
        lambda: site.sql("SELECT public_id FROM projects_credential ORDER BY id DESC LIMIT 1"),
        why="the record",
    )
    visitor = person(phone=phone)
    assert title in visitor.go(f"/records/{record[0][0]}/").inner_text("main")
    receipt = ines.go(f"/work/{engagement_id}/receipt/").inner_text("main")
    assert "Receipt" in receipt

    assert json.loads(site.get("/healthz"))
    assert "Traceback" not in site.logs()
    assert " 500 " not in site.logs()


def test_the_road_can_be_walked_without_javascript(site, person):
    reader = person(javascript=False)
    page = reader.go("/projects/")
    assert page.get_by_role("heading", level=1).is_visible()
    walk.sign_in(reader, "moderator@example.com", "foothold-demo")
    assert reader.go("/admin/").get_by_text("Postings to read").is_visible()
    assert reader.go("/inbox/settings/").get_by_role("button", name="Save my choices").is_visible()


def state_of(site, engagement_id: str) -> str:
    return site.sql("SELECT state FROM projects_engagement WHERE public_id = %s", engagement_id)[0][0]


def _shares(site, engagement_id: str, condition: str) -> int:
    return site.sql(
        "SELECT count(*) FROM payments_release r JOIN payments_part p ON p.id = r.part_id JOIN payments_hold h ON h.id = p.hold_id "
        f"LEFT JOIN payments_payout o ON o.id = r.payout_id WHERE h.ref LIKE %s AND {condition}",
        f"%{engagement_id}%",
    )[0][0]


def released(site, engagement_id: str) -> int:
    return _shares(site, engagement_id, "r.sent_at IS NOT NULL")


def paid_out(site, engagement_id: str) -> int:
    return _shares(site, engagement_id, "o.state = 'paid'")
