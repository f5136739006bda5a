"""Open projects like another one, by the same fit as everything else: what would suit somebody who has exactly what this one asks for."""

from datetime import date

from projects.posting.models import Project

from . import candidates, keeping, vectors, vocabulary
from .models import PastMeaning, ProjectMatch, StudentMatch
from .queries import fits

COMPARED = 60  # the best by skills, whose texts and meaning are compared
ANY_HOURS, LONG_AGO = 10_000, date(1900, 1, 1)


def like(project: Project, most: int) -> list[tuple[int, float]]:
    """(key, likeness 0 to 1) of at most `most` open projects, the most alike first; `project` may be over."""
    own = ProjectMatch.objects.filter(pk=project.pk).first() or _over(project)
    known = vocabulary.current()
    asker = StudentMatch(
        skills=own.skills,
        levels=[keeping.LEVELS["strong"]] * len(own.skills),
        follows=own.function,
        hours=ANY_HOURS,
        may_work=True,
        born=LONG_AGO,
        terms=own.terms,
        vector=own.vector,
    )
    rows = candidates.projects(asker, known, COMPARED, leave_out={project.pk})
    found = zip(rows, fits(asker, rows, known), strict=True)
    alike = [(one.pk, fit.score) for one, fit in found if fit.speaks]
    return sorted(alike, key=lambda pair: (-round(pair[1], 9), pair[0]))[:most]


def _over(project: Project) -> ProjectMatch:
    """The row that it had while it was open, as far as it is still known."""
    (row,) = keeping.project_rows([project.pk], of=Project.objects.all())
    kept = PastMeaning.objects.filter(pk=project.pk, version=vectors.VERSION).first()
    row.vector = kept.vector if kept else None
    return row
