"""Telling the fitting students of a new posting, in waves: on the day, and again while few have applied."""

from datetime import timedelta

from django.db import IntegrityError, transaction

from marketplace.ground import clock
from projects.exposing.actions import log_list
from projects.exposing.models import ListKind
from projects.posting.actions import may_be_told
from projects.posting.models import Project

from . import notices, queries
from .models import MatchWave

WAVE = 20
LOOKED_AT = 200  # the exposure log keeps who could as well have been told
AGES = (timedelta(0), timedelta(days=2), timedelta(days=4))
ENOUGH = 3  # suitable applications after which nobody else is woken


def tell_fitting(project_id: int) -> int:
    """Send the wave that is due for this posting, if one is; returns how many students were told.

    The row of the wave is the claim: two workers, a repeated task or a second publication send it once.
    """
    with transaction.atomic():
        project = Project.objects.select_for_update().filter(pk=project_id).first()
        if project is None or not may_be_told(project):
            return 0
        number = project.match_waves.count()
        if number >= len(AGES) or clock.now() < project.published_at + AGES[number]:
            return 0
        if number and project.application_count >= ENOUGH:
            return 0
        room = min(WAVE, project.application_cap - project.application_count)
        found = queries.students_to_tell(project, LOOKED_AT) if room > 0 else []
        chosen = found[:room] if room > 0 else []
        try:
            with transaction.atomic():
                MatchWave.objects.create(project=project, number=number, at=clock.now(), told=len(chosen))
        except IntegrityError:
            return 0
        if chosen:
            pool = [(profile.user_id, fit.score) for profile, fit in found]
            log_list(
                ListKind.NOTICE,
                about=project.pk,
                shown=pool[: len(chosen)],
                pool=pool,
                function=project.function,
                reader=number,
            )
        return notices.fits(project, [(profile.user, fit) for profile, fit in chosen]) if chosen else 0
