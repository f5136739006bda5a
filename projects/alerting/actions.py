"""The verbs of saved searches: keep, change, let go; and asking them all about a new project."""

from datetime import timedelta

from django.db import IntegrityError, transaction

from accounts.models import User
from accounts.notifications.models import Mail
from marketplace.ground import clock
from marketplace.ground.errors import Invalid, WrongMoment
from marketplace.ground.text import written
from projects.posting.actions import lock_project, may_be_told
from projects.search import filters as filtering

from . import digest, notices, queries, reverse
from .models import Alert, SavedSearch, SearchRun

MAX_SEARCHES = 20
MAX_NAME = 80


@transaction.atomic
def save_search(*, by, params, name: str = "", how: str = SavedSearch.How.DAILY) -> SavedSearch:
    """Keep the filter in `params` (a query string's values) for `by`; the same filter twice is one search.

    Raises `Invalid` beside `name` or `how`, `WrongMoment` when there are twenty already.
    """
    User.objects.select_for_update(no_key=True).get(pk=by.pk)  # what is counted is counted by one at a time
    filters = filtering.read(params)
    name = _name(name or queries.describe(filters))
    _check(how)
    query = queries.query_of(filters)
    found = SavedSearch.objects.filter(user=by, query=query).first()
    if found is None and SavedSearch.objects.filter(user=by).count() >= MAX_SEARCHES:
        raise WrongMoment(f"{MAX_SEARCHES} saved searches are the most. Delete one first.")
    stored = reverse.kept(filters)
    if found is None:
        found = SavedSearch(user=by, query=query, sent_at=clock.now())
    for column, value in {**stored.columns, "name": name, "how": how}.items():
        setattr(found, column, value)
    found.save()
    reverse.write_words(found, stored.words)
    return found


@transaction.atomic
def change_search(*, search: SavedSearch, name: str, how: str) -> SavedSearch:
    """Another name or rhythm for one's own search. Mails that wait go when it is turned off."""
    search.name, search.how = _name(name), how
    _check(how)
    search.save(update_fields=["name", "how"])
    if how == SavedSearch.How.OFF:
        _stop_waiting(search)
    return search


@transaction.atomic
def delete_search(*, search: SavedSearch) -> None:
    """Let a search go, and what it found."""
    _stop_waiting(search)
    search.delete()


def stop_search(user, public_id: str) -> bool:
    """One click in a mail: this search finds nothing any more until it is turned on again."""
    found = SavedSearch.objects.filter(user=user, public_id=public_id).first()
    if found is None:
        return False
    change_search(search=found, name=found.name, how=SavedSearch.How.OFF)
    return True


def _stop_waiting(search: SavedSearch) -> None:
    Mail.objects.filter(user=search.user_id, part=search.public_id, state=Mail.State.PENDING).update(
        state=Mail.State.CANCELLED
    )


def _name(text: str) -> str:
    name = written(" ".join(text.split()))
    if not name:
        raise Invalid({"name": ["Give it a name that you will recognise."]})
    if len(name) > MAX_NAME:
        raise Invalid({"name": [f"Keep the name to {MAX_NAME} characters."]})
    return name


def _check(how: str) -> None:
    if how not in SavedSearch.How.values:
        raise Invalid({"how": ["Choose one of the four."]})


# --- a project is published --------------------------------------------------------------------------------
@transaction.atomic
def run_searches(project_id: int) -> int:
    """Ask all saved searches about this project, once; returns how many people were told at once.

    The row of the run is the claim: a second task, a second worker or a second publication finds it there.
    """
    project = lock_project(project_id)
    if not may_be_told(project):
        return 0
    try:
        with transaction.atomic():
            run = SearchRun.objects.create(project=project, at=clock.now())
    except IntegrityError:
        return 0
    found = reverse.find(project)
    if not found:
        return 0
    SearchRun.objects.filter(pk=run.pk).update(found=found)
    told = notices.found(project, clock.now() - timedelta(days=1))
    queries.at_once(project).update(told_at=clock.now())
    return told


@transaction.atomic
def call_off(project) -> None:
    """The project is closed or hidden: nobody is told of it any more, and mails that wait are not sent."""
    alerts = Alert.objects.filter(project=project)
    users = set(alerts.values_list("search__user_id", flat=True))
    notices.over(project, users)
    alerts.filter(told_at=None).delete()


# --- daily and weekly ----------------------------------------------------------------------------------------
def send_due() -> int:
    """One mail for everybody whose searches are due and have found something; returns how many were written."""
    return sum(send_to(user) for user in queries.people_due()[:1000])


@transaction.atomic
def send_to(user_id: int) -> int:
    """The searches of one person are locked and stamped in the transaction of their mail, so that it comes once."""
    user = User.objects.get(pk=user_id)
    searches = list(
        queries.due_searches().filter(user=user).select_for_update(skip_locked=True, of=("self",))
    )
    if not searches:
        return 0
    untold = queries.untold(searches)
    now = clock.now()
    SavedSearch.objects.filter(pk__in=[s.pk for s in searches]).update(sent_at=now)
    known = queries.told_as_match(user, {alert.project_id for alert in untold})
    Alert.objects.filter(pk__in=[a.pk for a in untold if a.project_id in known]).update(told_at=now)
    untold = [alert for alert in untold if alert.project_id not in known]
    if not untold:
        return 0
    sections, number = digest.sections(user, searches, untold)
    notices.collected(user, sections, number, key=str(untold[0].pk))
    Alert.objects.filter(pk__in=[alert.pk for alert in untold]).update(told_at=now)
    return 1
