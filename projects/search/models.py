"""What the lists read, and what a person keeps while looking."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.search import SearchVectorField
from django.db import models

from marketplace.ground import clock
from projects.posting.models import Project


class Bookmark(models.Model):
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="bookmarks")
    project = models.ForeignKey(Project, models.CASCADE, related_name="bookmarks")
    created_at = models.DateTimeField(default=clock.now)
    reminded_for = models.DateTimeField(
        null=True, blank=True
    )  # the deadline that this person was reminded of

    class Meta:
        app_label = "projects"
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["project"], name="bookmark_project")]
        constraints = [models.UniqueConstraint(fields=["user", "project"], name="one_bookmark")]

    def __str__(self):
        return f"{self.user} saved {self.project}"


class OpenProject(models.Model):
    """What the lists read: one narrow row for each project that can be applied to now, and nothing else.

    The table is made by hand (migration `open_projects`), because how its columns are stored is what makes it fast:
    `tsv` and `card_html` lie outside the row, `rtsv` and `skill_ids` inside. Written only by `reading.py`, in the
    transaction that changes the project. `docs/search.md` says why.
    """

    published_at = models.DateTimeField()
    apply_by = models.DateTimeField()
    listed_until = models.DateTimeField()  # `apply_by`, or earlier when all places are taken by then
    id = models.BigIntegerField(primary_key=True)  # of the project
    organisation_id = models.BigIntegerField()
    net_pay = models.IntegerField()  # minor units of the student's net
    net_hourly = models.IntegerField()
    tenths = models.IntegerField()  # estimated hours times ten
    cell = models.SmallIntegerField()  # function, place and bands: see `cells.py`
    application_count = models.IntegerField()
    skill_ids = ArrayField(models.IntegerField())  # sorted, accepted skills only
    rtsv = SearchVectorField()  # title and skills: for ranking
    tsv = SearchVectorField()  # these and the whole text: for matching
    card_html = models.TextField()  # with the places that `cards.fill` fills in

    class Meta:
        app_label = "projects"
        managed = False
        db_table = "projects_openproject"

    def __str__(self):
        return f"open project {self.pk}"


class SearchWord(models.Model):
    """A word of the open projects, and in about how many of them it stands. Rebuilt by `search.rebuild_words`."""

    word = models.TextField(primary_key=True)  # as people write it
    stem = models.TextField()  # as the index knows it
    documents = models.IntegerField()  # with this word
    stem_documents = models.IntegerField()  # with any word of this stem
    title_documents = models.IntegerField(default=0)  # the same of titles and skills

    class Meta:
        app_label = "projects"
        managed = False
        db_table = "projects_searchword"

    def __str__(self):
        return self.word
