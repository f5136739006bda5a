"""What a page costs does not grow with what there is: the same queries for 200 rows as for 10, and a bounded page."""

import re
from dataclasses import dataclass

import pytest
from django.contrib import admin
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from .crowd import grow
from .world import COLUMNS, World, build

pytestmark = pytest.mark.django_db
FEW, MANY = 10, 200
PAGE = 20
OURS = ("accounts", "projects", "payments", "ground")

# column, page, what its address names, query string, the most rows of the crowd that it may show
PAGES = f"""
anon   landing              -          -                {PAGE}
anon   search:browse        -          -                {PAGE}
amara  search:browse        -          sort=pay         {PAGE}
amara  search:browse        -          q=project        {PAGE}
anon   search:project       fresh      -                {PAGE}
amara  search:project       past       -                {PAGE}
amara  search:saved         -          -                {PAGE}
ines   posting:mine         -          show=open        {PAGE}
ines   posting:mine         -          show=closed      {PAGE}
ines   posting:manage       seen       -                {PAGE}
ines   applying:board       seen       -                {PAGE}
mo     applying:board       seen       -                {PAGE}
amara  applying:mine        -          show=open        {PAGE}
amara  applying:mine        -          show=ended       {PAGE}
amara  working:mine         -          -                {PAGE}
ines   working:mine         -          -                {PAGE}
ines   working:mine         -          show=ended       {PAGE}
amara  working:workspace    active     -                {PAGE}
ines   working:workspace    active     -                {PAGE}
amara  disputing:dispute    dispute-asked -             {PAGE}
mo     disputing:dispute    dispute-judged -            {PAGE}
amara  talking:thread       active     -                {PAGE}
ines   talking:thread       active     page=2           {PAGE}
amara  notifications:inbox  -          -                {PAGE}
ines   notifications:inbox  -          show=unread      {PAGE}
amara  home:student         -          -                30
ines   home:employer        -          -                30
ruth   home:school          -          -                {PAGE}
ines   employers:members    halden     -                {PAGE}
ines   users:settings       -          -                {PAGE}
amara  payments:payouts     -          -                {PAGE}
amara  payments:earnings    -          -                {PAGE}
ines   payments:billing     halden     -                {PAGE}
ines   payments:statement   halden     -                {PAGE}
ines   payments:costs       halden     -                {PAGE}
ines   payments:methods     halden     -                {PAGE}
amara  reporting:mine       -          -                {PAGE}
anon   reviewing:employer   halden     -                40
amara  reviewing:student    amara      -                40
mo     admin:index          -          -                30
anon   api:projects-list    -          -                {PAGE}
amara  api:applications-list -         -                {PAGE}
ines   api:applications-list -         -                {PAGE}
amara  api:offers-list      -          -                {PAGE}
ines   api:engagements-list -          -                {PAGE}
amara  api:engagements-messages active -                {PAGE}
amara  api:engagements-reviews ended   -                {PAGE}
amara  api:disputes-list    -          -                {PAGE}
amara  api:earnings-list    -          -                {PAGE}
ines   api:invoices-list    -          -                {PAGE}
amara  api:notifications-list -        -                {PAGE}
"""


@dataclass(frozen=True)
class Page:
    column: str
    name: str
    of: str
    query: str
    most: int

    def __str__(self):
        return f"{self.column} {self.name} {self.query}"

    def address(self, world: World) -> str:
        address = reverse(self.name, args=[world.ids[self.of]] if self.of != "-" else [])
        return f"{address}?{self.query}" if self.query != "-" else address


def pages() -> list[Page]:
    listed = [Page(*parts[:4], int(parts[4])) for parts in map(str.split, PAGES.strip().splitlines())]
    models = [model._meta for model in admin.site._registry if model._meta.app_label in OURS]
    return listed + [
        Page("mo", f"admin:{m.app_label}_{m.model_name}_changelist", "-", "-", 50) for m in models
    ]


@dataclass
class Cost:
    status: int
    queries: list[str]
    rows: int


def cost_of(world: World, page: Page) -> Cost:
    cache.clear()
    with transaction.atomic(), CaptureQueriesContext(connection) as seen:
        answer = world.clients[page.column].get(page.address(world))
        transaction.set_rollback(True)
    return Cost(
        answer.status_code,
        [query["sql"] for query in seen.captured_queries],
        len(set(re.findall(r"crowd-\d+", answer.content.decode()))),
    )


@pytest.fixture(scope="module")
def costs(django_db_setup, django_db_blocker):
    """The cost of every page, first among few rows and then among many; nothing of it is ever committed."""
    with django_db_blocker.unblock(), transaction.atomic():
        cache.clear()
        world = build()
        world.clients = {column: Client() for column in COLUMNS}
        for column, person in world.people.items():
            world.clients[column].force_login(person, "allauth.account.auth_backends.AuthenticationBackend")
        found = {}
        for start, stop in ((0, FEW), (FEW, MANY)):
            grow(world, start, stop)
            found[stop] = {page: cost_of(world, page) for page in pages()}
        yield found
        transaction.set_rollback(True)


@pytest.mark.parametrize("page", pages(), ids=str)
def test_a_page_costs_the_same_among_many_rows_as_among_few(costs, page):
    few, many = costs[FEW][page], costs[MANY][page]
    # The rules and the brand are one row each, so their list leads straight to it.
    assert (few.status, many.status) in ((200, 200), (302, 302))
    more = sorted(set(map(shape, many.queries)) - set(map(shape, few.queries)))
    assert len(many.queries) <= len(few.queries), "\n".join(
        [f"{len(few.queries)}, then {len(many.queries)}", *more]
    )
    assert many.rows <= page.most, f"{many.rows} rows on one page"


def shape(sql: str) -> str:
    """The statement without its numbers and texts."""
    return re.sub(r"'[^']*'|\b\d+\b", "?", sql)[:300]


@pytest.mark.parametrize(
    "name",
    [
        "search:browse",
        "search:saved",
        "posting:mine",
        "applying:board",
        "applying:mine",
        "working:mine",
        "talking:thread",
        "notifications:inbox",
        "employers:members",
        "reporting:mine",
        "home:student",
        "home:employer",
    ],
)
def test_the_rows_are_really_there(costs, name):
    assert max(cost.rows for page, cost in costs[MANY].items() if page.name == name) > 5
