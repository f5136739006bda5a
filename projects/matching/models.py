"""What matching reads: one narrow row for each student and each open posting, the weights of skills and words, and the
waves that have been told. The rows are copies; `keeping.py` writes them anew from what people said."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models

from accounts.students.models import StudentProfile
from marketplace.ground import clock
from projects.posting.models import Project


class MatchWave(models.Model):
    """What has been told about a posting: one row for each wave, so that a wave never goes out twice."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="match_waves")
    number = models.PositiveSmallIntegerField()
    at = models.DateTimeField(default=clock.now)
    told = models.PositiveSmallIntegerField(default=0)

    class Meta:
        app_label = "projects"
        constraints = [models.UniqueConstraint(fields=["project", "number"], name="one_wave_of_a_number")]

    def __str__(self):
        return f"Wave {self.number} of {self.project_id}"


class MatchRow(models.Model):
    """What both sides have. `function` follows the order of the twelve functions; `vector` holds 128 half floats of the
    sentence model, `terms` the words of the text (see `words.py`)."""

    skills = ArrayField(models.IntegerField(), default=list)  # accepted ones, ascending
    place = models.CharField(max_length=60, blank=True)  # as compared: lower case, the town alone
    vector = models.BinaryField(null=True)
    vector_version = models.PositiveSmallIntegerField(default=0)
    terms = models.BinaryField(default=bytes)
    updated_at = models.DateTimeField(default=clock.now)

    class Meta:
        abstract = True


class StudentMatch(MatchRow):
    """A student who can be matched: an active account with a profile."""

    student = models.OneToOneField(StudentProfile, models.CASCADE, primary_key=True, related_name="match")
    person_id = models.BigIntegerField(unique=True)  # of the account
    levels = ArrayField(
        models.SmallIntegerField(), default=list
    )  # 0 learning, 1 able, 2 strong: beside `skills`
    used = ArrayField(
        models.IntegerField(), default=list
    )  # skills of completed projects, once for each project
    follows = models.SmallIntegerField(default=0)  # a bit for each function
    hours = models.SmallIntegerField(default=0)  # free each week, less what is planned already
    may_work = models.BooleanField(default=False)
    findable = models.BooleanField(default=False)
    born = models.DateField(null=True)
    school_id = models.BigIntegerField(null=True)  # for postings of a school; never a score
    completed = models.SmallIntegerField(default=0)

    class Meta:
        app_label = "projects"
        indexes = [
            GinIndex(OpClass("skills", "gin__int_ops"), name="student_match_skills", fastupdate=False),
        ]

    def __str__(self):
        return f"Student {self.student_id}"


class ProjectMatch(MatchRow):
    """A posting that is open. The row goes in the transaction that closes it."""

    project = models.OneToOneField(Project, models.CASCADE, primary_key=True, related_name="match")
    organisation_id = models.BigIntegerField()
    musts = ArrayField(models.IntegerField(), default=list)
    languages = ArrayField(models.IntegerField(), default=list)  # those of the musts that are languages
    total = models.FloatField(default=0)  # the weights of all its skills
    known = models.FloatField(default=1)  # share of what it asks for that the vocabulary knows
    function = models.SmallIntegerField(default=0)  # the bit of its function
    hours = models.FloatField(default=0)  # a week
    permit = models.BooleanField(default=False)
    min_age = models.PositiveSmallIntegerField(default=0)
    school_id = models.BigIntegerField(null=True)  # only its students
    published_at = models.DateTimeField()
    apply_by = models.DateTimeField()

    class Meta:
        app_label = "projects"
        indexes = [
            GinIndex(OpClass("skills", "gin__int_ops"), name="project_match_skills", fastupdate=False),
            models.Index(fields=["-published_at", "project"], name="project_match_new"),
        ]

    def __str__(self):
        return f"Project {self.project_id}"


class PastMeaning(models.Model):
    """The vector of a posting that is not open any more, so that those like it can still be found."""

    project = models.OneToOneField(Project, models.CASCADE, primary_key=True, related_name="past_meaning")
    vector = models.BinaryField()
    version = models.PositiveSmallIntegerField()

    class Meta:
        app_label = "projects"

    def __str__(self):
        return f"Meaning of {self.project_id}"


class MatchWeights(models.Model):
    """How rare skills and words are among the students there are; one row, made anew each night."""

    at = models.DateTimeField(default=clock.now)
    students = models.PositiveIntegerField(default=0)
    skills = models.JSONField(default=dict)  # {skill id: students who have it}
    words = models.BinaryField(default=bytes)  # a half float for each bucket of words

    class Meta:
        app_label = "projects"
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="one_row_of_weights")]

    def __str__(self):
        return f"Weights of {self.at:%d %B %Y}"
