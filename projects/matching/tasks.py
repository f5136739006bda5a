"""Waves of matches: woken when a posting is published, and swept so that a lost message loses nothing."""

from celery import shared_task

from . import actions, queries


@shared_task(name="matching.tell")
def tell(project_id: int):
    actions.tell_fitting(project_id)


@shared_task(name="matching.waves")
def waves():
    for pk in queries.due_for_a_wave().values_list("pk", flat=True)[:500]:
        actions.tell_fitting(pk)
