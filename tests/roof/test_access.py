"""Who may see and do what: every page and every operation of the API, for everybody who could ask.

The table is `access.txt`. A page or an operation that is not in it fails here, so that nobody adds one without
saying who may open it. Whoever is refused has changed nothing, and nobody reads what is another person's.
"""

import json
from dataclasses import dataclass
from http.cookies import SimpleCookie
from pathlib import Path

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client
from django.urls import get_resolver, reverse
from django.urls.resolvers import URLResolver

from . import inputs
from .world import COLUMNS, World, build

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
# What looking may change: an application is opened, a thread or a notice is read, and the row of one's own
# payout account is made when it is first asked for (with the call that waits, since Stripe is away here).
PAYOUTS = {"payments_payeeaccount", "payments_call"}
REMEMBERED = {
    "applying:applicant": {"projects_application", "ground_statechange"},
    "applying:compare": {"projects_application", "ground_statechange"},
    "api:applications-detail": {"projects_application", "ground_statechange"},
    "suggesting:for-you": {"projects_shownlist"},
    "inviting:students": {"projects_shownlist"},
    "api:projects-students": {"projects_shownlist"},
    "search:browse": {"projects_shownlist"},
    "search:project": {"projects_shownlist"},
    "talking:thread": {"projects_readmark"},
    "notifications:open": {"accounts_notification"},
    "home:student": PAYOUTS,
    "payments:payouts": PAYOUTS,
    "payments:earnings": PAYOUTS,
    "payments:payouts_start": PAYOUTS,
    "payments:payouts_return": PAYOUTS,
    "payments:payouts_refresh": PAYOUTS,
    "payments:payouts_dashboard": PAYOUTS,
}
# Shortlisting lifts the name, which is what it is for.
LIFTS_NAMES = {"api:applications-shortlist"}
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
REST_OF_THE_API = "api:v1/<path:rest>"  # which says that nothing is there
REFUSED = {"in", "role", "400", "401", "403", "404", "405", "409", "410", "415", "422", "429"}


@dataclass(frozen=True)
class Row:
    """method, name and `of` as the table writes them; `answers`: the expected word for each column."""

    method: str
    name: str
    of: str
    answers: dict[str, str]

    def __str__(self):
        return f"{self.method} {self.name} {self.of}"

    @property
    def is_operation(self) -> bool:
        return self.name.startswith("api:")

    def address(self, world: World) -> str:
        return reverse(
            self.name, args=[world.ids.get(part, part) for part in self.of.split(",") if part != "-"]
        )


def table() -> list[Row]:
    rows = []
    for line in (Path(__file__).parent / "access.txt").read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            method, name, of, *answers = line.split()
            rows.append(Row(method, name, of, dict(zip(COLUMNS, answers, strict=True))))
    return rows


ROWS = table()


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    """The world in one transaction around all tests of this file; nothing of it is ever committed."""
    with django_db_blocker.unblock(), transaction.atomic():
        cache.clear()
        made = build()
        made.clients = {column: Client(raise_request_exception=False) for column in COLUMNS}
        for column, person in made.people.items():
            made.clients[column].force_login(person, BACKEND)
        made.cookies = {column: client.cookies for column, client in made.clients.items()}
        with connection.cursor() as cursor:
            cursor.execute("DEALLOCATE ALL")
            cursor.execute(f"PREPARE everything AS {_digests()}")
        made.before = everything()
        yield made
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def _stripe_is_away(settings):
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"


def _digests() -> str:
    """One row for each table of ours with a digest of all its rows. Sessions are left out: looking begins one."""
    names = sorted(set(connection.introspection.table_names()) - {"django_session"})
    digest = "md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), ''))"
    return " UNION ALL ".join(f"SELECT '{name}', {digest} FROM \"{name}\" t" for name in names)


def everything() -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute("EXECUTE everything")
        return dict(cursor.fetchall())


class Wrote:
    """Sees the statements that pass, so that the digests are made only when one of them could have written."""

    anything = False

    def __call__(self, execute, sql, params, many, context):
        self.anything |= sql.split(None, 1)[0].upper() not in (
            "SELECT",
            "SAVEPOINT",
            "RELEASE",
            "ROLLBACK",
            "EXECUTE",
        )
        return execute(sql, params, many, context)


@dataclass
class Answer:
    word: str  # as in the table
    text: str
    changed: set[str]


def ask(world: World, column: str, method: str, name: str, address: str) -> Answer:
    """Let the person of `column` ask, and take back whatever it did."""
    cache.clear()  # counts of limits, and what another request left in the session
    client = client_of(world, column)
    if method == "GET":
        sent = {"data": inputs.query_of(name, world)}
    elif name.startswith("api:"):
        sent = {"data": json.dumps(inputs.json_of(name, method, world)), "content_type": "application/json"}
    else:
        sent = {"data": inputs.form_of(name, world)} if method == "POST" else {}
    wrote = Wrote()
    with transaction.atomic(), connection.execute_wrapper(wrote):
        response = getattr(client, method.lower())(address, **sent)
        after = everything() if wrote.anything else world.before
        transaction.set_rollback(True)
    body = b"".join(response.streaming_content) if response.streaming else response.content
    text = body.decode(errors="replace") + response.get("Location", "")
    changed = {table for table in after if after[table] != world.before[table]}
    word = _word(response)
    return Answer("same" if method != "GET" and word not in REFUSED and not changed else word, text, changed)


def client_of(world: World, column: str) -> Client:
    """The browser of that person, as it was when they had just signed in."""
    client = world.clients[column]
    client.cookies = SimpleCookie({name: morsel.value for name, morsel in world.cookies[column].items()})
    return client


def _word(response) -> str:
    target = response.get("Location", "") if response.status_code == 302 else ""
    if target.startswith(reverse("account_login")):
        return "in"
    return "role" if target.startswith(reverse("users:choose")) else str(response.status_code)


def leaks(world: World, column: str, text: str) -> list[str]:
    return [
        private for private, readers in world.private.items() if column not in readers and private in text
    ]


# --- the table -------------------------------------------------------------------------------------------
@pytest.mark.parametrize("row", ROWS, ids=str)
def test_each_person_gets_the_answer_of_the_table(world, row):
    wrong = []
    for column, expected in row.answers.items():
        answer = ask(world, column, row.method, row.name, row.address(world))
        if answer.word != expected:
            wrong.append(f"{column} got {answer.word} and not {expected}")
        refused = answer.word in REFUSED
        may_change = REMEMBERED.get(row.name, set()) if answer.word in ("200", "302", "409") else set()
        if (refused or row.method == "GET") and answer.changed - may_change:
            wrong.append(f"{column} got {answer.word}, which changed {sorted(answer.changed)}")
        found = leaks(world, column, answer.text)
        if found and row.name not in LIFTS_NAMES:
            wrong.append(f"{column} reads {found}")
    assert not wrong, "\n".join([str(row), *wrong])


# Without this the search for leaks could look for words that stand nowhere.
SHOWN = """
amara-pitch               ines   applying:applicant   app-blind
bela-pitch                ines   applying:applicant   app-blind-bela
bela-draft-pitch          bela   applying:apply       seen
declined-for-this-reason  amara  applying:detail      app-past
offer-words               amara  hiring:answer        offer
submission-note           ines   working:milestone    handed
submission-link           ines   working:milestone    handed
submission-file-inside    ines   working:file         file
extension-reason          ines   working:workspace    active
dispute-words             ines   disputing:dispute    dispute-asked
dispute-decision          amara  disputing:dispute    dispute-judged
dispute-file-inside       ines   disputing:file       dispute-file
message-of-amara          ines   talking:thread       active
message-of-ines           amara  talking:thread       active
review-still-hidden       ines   reviewing:review     ended
report-of-amara           amara  reporting:mine       -
amara-resume-inside       ines   students:resume-file amara
secret-registry           ines   employers:verify     halden
newcomer@halden.example   ines   employers:members    halden
amara@private.example     amara  users:settings       -
amara@northgate.example   amara  users:export         -
2001-02-03                amara  users:export         -
may_work                  amara  students:private     -
needs_sponsor             amara  students:private     -
"""


@pytest.mark.parametrize("line", SHOWN.strip().splitlines(), ids=lambda line: line.split()[0])
def test_those_whom_it_concerns_do_read_it(world, line):
    text, column, name, of = line.split()
    assert column in world.private[next(key for key in world.private if text in key or key in text)]
    assert text in ask(world, column, "GET", name, Row("GET", name, of, {}).address(world)).text


# --- nothing beside the table ----------------------------------------------------------------------------
def addresses(resolver=None, spaces=()) -> dict[str, object]:
    """The view behind each address, by the name with its namespaces; the admin and allauth are left out."""
    found = {}
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            inner = (*spaces, pattern.namespace) if pattern.namespace else spaces
            if pattern.namespace != "admin" and str(pattern.pattern) != "account/":
                found |= addresses(pattern, inner)
        else:
            found[":".join((*spaces, pattern.name or str(pattern.pattern)))] = pattern.callback
    return found


def test_every_page_stands_in_the_table():
    assert set(addresses()) - {row.name for row in ROWS} == {REST_OF_THE_API}, (
        "say in access.txt who may open these"
    )


def test_the_table_names_nothing_that_is_gone():
    assert {row.name for row in ROWS} - set(addresses()) == set()


def test_every_operation_of_the_api_stands_in_the_table():
    there = set()
    for name, view in addresses().items():
        if name.startswith("api:") and hasattr(view, "cls") and name != REST_OF_THE_API:
            answers = getattr(view, "actions", None) or [m for m in METHODS if hasattr(view.cls, m.lower())]
            there |= {(method, name) for method in METHODS if method in answers or method.lower() in answers}
    known = {(row.method, row.name) for row in ROWS if row.is_operation}
    assert there - known == set()


@pytest.mark.parametrize("name", sorted({row.name for row in ROWS}))
def test_no_page_answers_to_a_method_that_the_table_does_not_name(world, name):
    rows = [row for row in ROWS if row.name == name]
    wrong = []
    for method in set(METHODS) - {row.method for row in rows}:
        for column in ("amara", "ines"):
            answer = ask(world, column, method, name, rows[0].address(world))
            if answer.word not in REFUSED or answer.changed:
                wrong.append(
                    f"{column} got {answer.word} for {method}, which changed {sorted(answer.changed)}"
                )
    assert not wrong, "\n".join([name, *wrong])


def test_an_address_that_is_not_there_is_a_404_for_everybody(world):
    for column in COLUMNS:
        for address in (
            "/api/v1/nothing/here/",
            "/nothing/here/",
            "/work/000000000000/",
            "/posting/000000000000/",
        ):
            answer = ask(world, column, "GET", "api:" if "api" in address else "", address)
            assert answer.word in ("404", "in"), f"{column} {address}"


# --- the admin -------------------------------------------------------------------------------------------
def admin_addresses() -> list[str]:
    found = []
    [admin] = [p for p in get_resolver().url_patterns if getattr(p, "namespace", "") == "admin"]
    for pattern in admin.url_patterns:
        inner = pattern.url_patterns if isinstance(pattern, URLResolver) else [pattern]
        found += [
            f"admin:{one.name}" for one in inner if one.name and one.name not in ("login", "jsi18n", "logout")
        ]
    return sorted(set(found))


@pytest.mark.parametrize("column", ["anon", "amara", "ines", "maya", "ruth"])
def test_no_page_of_the_admin_opens_to_anybody_but_staff(world, column):
    client, wrong = client_of(world, column), []
    for name in admin_addresses():
        address = _admin_address(name)
        if address:
            answers = [client.get(address), client.post(address, {"reasons": "I say so"})]
            wrong += [f"{name} {a.status_code}" for a in answers if a.status_code not in (302, 403, 404)]
            wrong += [f"{name} leaks" for a in answers if leaks(world, column, a.content.decode())]
    assert not wrong
    assert {table for table, digest in everything().items() if digest != world.before[table]} == set()


def _admin_address(name: str) -> str:
    for arguments in ([], ["1"], ["1", "erase"], ["accounts"]):
        try:
            return reverse(name, args=arguments)
        except Exception:  # another number of arguments
            continue
    return ""
