"""The proof itself: every case has a test, a run that falls short says so, and the demo world agrees with Stripe."""

from datetime import timedelta
from pathlib import Path

import pytest

from marketplace.demo import world
from payments.reconciling import actions as reconcile

from . import audit, facts
from .check import Sum

HERE = Path(__file__).parent


def test_every_case_has_a_test():
    text = "\n".join(path.read_text() for path in HERE.glob("test_*.py"))
    found = {int(number) for number in facts.CASE.findall(text)}
    assert found == set(facts.CASES)


def whole() -> list[dict]:
    return [
        *({"kind": "case", "number": number, "name": "", "passed": True} for number in facts.CASES),
        {"kind": "machine", "sequences": 1_000, "rules": 30},
        {"kind": "crash", "kills": 200, "lost": 0, "doubled": 0},
        {"kind": "control", "doubled": 18_000},
        {"kind": "threads", "number": 100},
        {"kind": "amounts", "refused": 10},
        {"kind": "demo", "difference": 0},
    ]


def test_a_whole_run_is_fine():
    assert Sum(whole()).short() == []
    assert Sum(whole()).last_line(0, 1).startswith("OK: 33/33 cases, 1000 sequences")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda facts: facts.pop(6), "case 7 has not passed"),
        (lambda facts: facts[6].update(passed=False), "case 7 has not passed"),
        (lambda facts: facts[33].update(sequences=999), "sequences: 999 of 1000"),
        (lambda facts: facts[34].update(kills=199), "kills: 199 of 200"),
        (lambda facts: facts[34].update(lost=1), "lost: 1"),
        (lambda facts: facts[34].update(doubled=1), "doubled: 1"),
        (lambda facts: facts.pop(35), "control: 0 of 1"),
        (lambda facts: facts[-1].update(difference=1), "difference: 1"),
        (lambda facts: facts.pop(), "difference: None"),
    ],
)
def test_a_run_that_falls_short_says_so(change, says):
    facts = whole()
    change(facts)
    assert says in Sum(facts).short()
    assert Sum(facts).last_line(0, 1).startswith("NOT OK")


@pytest.mark.xdist_group("demo")
@pytest.mark.django_db(transaction=True)
@pytest.mark.timeout(900)
@pytest.mark.skipif(not facts.WHOLE, reason="the demo world is looked at by make check-money")
def test_the_demo_world_agrees_with_stripe_to_the_cent(sandbox, settings):
    settings.DEMO = True
    world.build(lambda line: None, small=True)
    differences = reconcile.run(patience=timedelta(0)).differences
    facts.tell("demo", difference=sum(abs(row["amount"]) or 1 for row in differences))
    assert differences == []
    assert audit.books() == []
    assert audit.at_stripe(sandbox.all) == []
