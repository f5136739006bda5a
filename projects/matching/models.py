"""What has been told about a posting: one row for each wave, so that a wave never goes out twice."""

from django.db import models

from marketplace.ground import clock
from projects.posting.models import Project


class MatchWave(models.Model):
    project = models.ForeignKey(Project, models.CASCADE, related_name="match_waves")
    number = models.PositiveSmallIntegerField()
    at = models.DateTimeField(default=clock.now)
    told = models.PositiveSmallIntegerField(default=0)

    class Meta:
        app_label = "projects"
        constraints = [models.UniqueConstraint(fields=["project", "number"], name="one_wave_of_a_number")]

    def __str__(self):
        return f"Wave {self.number} of {self.project_id}"
