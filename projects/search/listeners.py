"""Hears what changes a list, inside the transaction of the act, and brings the read model to it."""

from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from accounts.employers.models import Organisation
from accounts.skills.signals import skill_changed
from marketplace.ground.nudge import nudge
from projects.posting.models import Project
from projects.posting.signals import project_closed, project_published, window_moved
from projects.posting.states import ProjectState
from projects.sponsoring.signals import sponsors_changed

from . import reading

ON_CARDS = {"name", "verified_at", "suspended_at"}  # of an organisation


@receiver([project_published, project_closed, window_moved], dispatch_uid="search.moved")
def moved(sender, project, **_):
    reading.refresh([project.pk])


@receiver(post_save, sender=Project, dispatch_uid="search.saved")
def saved(sender, instance, **_):
    """Pausing, showing again and whatever else is saved on an open posting."""
    if instance.state == ProjectState.PUBLISHED:
        reading.refresh([instance.pk])


@receiver(post_delete, sender=Project, dispatch_uid="search.deleted")
def deleted(sender, instance, **_):
    reading.refresh([instance.pk])


@receiver(post_save, sender=Organisation, dispatch_uid="search.organisation")
def organisation_saved(sender, instance, created, update_fields=None, **_):
    if not created and (update_fields is None or ON_CARDS & set(update_fields)):
        reading.refresh_organisation(instance.pk)


@receiver(sponsors_changed, dispatch_uid="search.sponsors")
def sponsored(sender, projects, at_once, **_):
    if at_once:
        reading.refresh(projects)
    elif projects:
        nudge("search.refresh", projects)


@receiver(skill_changed, dispatch_uid="search.skill")
def skill(sender, skills, **_):
    reading.reskill(skills)
