"""The legal pages: the operator's texts (Brand, in the admin), and plain defaults until they write theirs."""

from marketplace.ground import policy

TITLES = {"terms": "Terms of use", "privacy": "Privacy", "imprint": "About the operator"}

TERMS = """
{operator} runs this site, where employers post short, paid projects and students do them.

## The agreement is between employer and student

When a student accepts an offer, both sides enter the agreement shown on that page. The student works as
an independent contractor. {operator} collects the price as the student's payment agent: paying {operator}
settles what the employer owes for the work.

## Money

- The employer pays the whole price, all in, through Stripe before the work starts. Stripe holds it.
- The platform fee is {fee} of the price, inside it, and is earned on what is released. Students pay none.
- Approved work is released to the student at once. If the employer does not answer while the review clock
  runs, the work counts as approved.
- What a cancellation costs is written in the agreement before either side accepts it.
- There is no fee for hiring a student later.

## What is not allowed

Unpaid tests, work outside the agreement, payment outside the site, unsafe or unlawful work, discrimination.
A moderator may close a posting or an account for these, with a reason; somebody else hears an appeal.

Tax forms are filed by {tax}. Questions go to {email}.
"""

PRIVACY = """
{operator} keeps what it needs to run this site, and shows it only to those who need it.

## Who sees what

- An employer never sees your e-mail address, phone number, date of birth or work-authorisation answers.
- Other applicants never see you. Declined reasons and disputes are seen by the two sides and by moderators.
- A school sees its own students only, within what they agreed to.

## What is kept, and for how long

Payments, agreements and the decisions of disputes are kept as long as the law asks for the books. Everything
else goes when you ask for your account to be erased.

## What leaves this site

Stripe receives what it needs to collect and pay out money. No page of this site loads anything from anybody
else, and nobody is tracked.

## Your rights

Export everything about you, have it corrected, or have it erased: write to {email}.
"""

IMPRINT = """
This site is run by **{operator}**.

{address}

E-mail: {email}

The software is Foothold, which is free and open source.
"""

DEFAULTS = {"terms": TERMS, "privacy": PRIVACY, "imprint": IMPRINT}


def page(name: str) -> dict:
    """Title and Markdown of one of the three pages, and when the operator last changed the brand."""
    brand, rules = policy.brand(), policy.current()
    written = getattr(brand, name)
    text = written or DEFAULTS[name].format(
        operator=brand.operator,
        email=brand.support_email,
        address=brand.postal_address,
        fee=f"{rules.fee_bp / 100:g} %",
        tax=rules.tax_forms_by,
    )
    return {"title": TITLES[name], "text": text, "changed": brand.updated_at if written else None}
