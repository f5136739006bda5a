"""A data set from files is ranked by the site's own code, scored, and leaves nothing behind."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Skill, StudentProfile
from accounts.skills.actions import load_skills
from projects.matching.fixtures import measuring
from projects.models import Project

PROJECTS = [
    {
        "id": "p1",
        "title": "Clean a sheet",
        "description": "Rows with errors.",
        "skills": ["MS Excel", "data cleaning"],
    },
    {
        "id": "p2",
        "title": "Draw a logo",
        "description": "For a bakery.",
        "skills": ["Logo design"],
        "hours_per_week": 12,
    },
]
STUDENTS = [
    {
        "id": 1,
        "skills": ["Excel", "Data cleaning"],
        "bio": "I tidy sheets.",
        "hours_free": 10,
        "experience": 2,
    },
    {"id": 2, "skills": ["Excel"], "bio": "Beginner."},
    {"id": 3, "skills": ["Logo design", "Excell"], "bio": "Logos.", "hours_free": 5},
    {"id": 4, "skills": ["Excel", "Data cleaning"], "bio": "Closed.", "open": False},
]


def write(folder, **files) -> dict[str, str]:
    paths = {}
    for name, content in files.items():
        path = folder / f"{name}.json"
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        paths[name] = str(path)
    return paths


def rank(folder, projects=PROJECTS, students=STUDENTS) -> dict:
    paths = write(folder, projects=projects, students=students)
    call_command(
        "rank_fixtures", paths["projects"], paths["students"], out=str(folder / "r.json"), stdout=StringIO()
    )
    return json.loads((folder / "r.json").read_text())


@pytest.mark.django_db
def test_a_data_set_is_ranked_by_the_gates_and_the_fit_and_leaves_nothing(tmp_path):
    load_skills()
    skills = Skill.objects.count()
    found = rank(tmp_path)
    first = found["students_for_project"]["p1"]
    assert [one["id"] for one in first[:2]] == ["1", "2"]
    assert "4" not in [one["id"] for one in first]  # is not open
    assert "3" not in [one["id"] for one in found["students_for_project"]["p2"]]  # has five hours, not twelve
    assert first[0]["score"] > first[1]["score"]
    assert "Has 2 of the 2 skills" in " ".join(first[0]["reasons"])
    assert all(one["reasons"] for lists in found.values() for rows in lists.values() for one in rows)
    assert (Project.objects.count(), StudentProfile.objects.count(), Skill.objects.count()) == (0, 0, skills)
    assert found == rank(tmp_path)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("projects", "words"),
    [
        ("{", "it is not JSON"),
        ({"id": 1}, "a list of objects"),
        ([{"title": "x"}], "entry 1: it needs an id"),
        ([{"id": 1, "title": 3, "description": "", "skills": []}], "title has to be text"),
        ([{"id": 1, "title": "", "description": "", "skills": "Excel"}], "skills has to be a list"),
        ([PROJECTS[0], PROJECTS[0]], "is there already"),
        ([{**PROJECTS[0], "hours_per_week": -1}], "hours_per_week has to be a number"),
    ],
)
def test_a_bad_file_is_told_with_its_place(tmp_path, projects, words):
    with pytest.raises(CommandError, match=words):
        rank(tmp_path, projects=projects)


@pytest.mark.django_db
def test_rankings_are_scored_beside_what_a_plain_site_would_show(tmp_path):
    load_skills()
    rank(tmp_path)
    labels = write(tmp_path, labels={"qrels": {"p1": {"1": 3, "2": 1, "3": 0}, "p2": {"3": 3, "1": 0}}})[
        "labels"
    ]
    said = StringIO()
    call_command("evaluate_matching", str(tmp_path / "r.json"), labels, stdout=said)
    for words in ("this site", "random", "skill overlap", "full text", "nDCG@10", "recall@50", "MRR", "Gini"):
        assert words in said.getvalue()
    with pytest.raises(CommandError, match="grade is a number"):
        bad = write(tmp_path, bad={"qrels": {"p1": {"1": "much"}}})["bad"]
        call_command("evaluate_matching", str(tmp_path / "r.json"), bad, stdout=StringIO())


def test_the_figures_are_those_of_the_books():
    grades = {"a": 3, "b": 2, "c": 0, "d": 1}
    assert measuring.ndcg(["a", "b", "d"], grades) == pytest.approx(1)
    assert measuring.ndcg(["c", "b", "a"], grades) == pytest.approx(
        (3 / 1.5849625007 + 7 / 2) / (7 + 3 / 1.5849625007 + 1 / 2)
    )
    assert measuring.recall(["b"], grades) == 0.5
    assert measuring.reciprocal_rank(["c", "a"], grades) == 0.5
    assert measuring.ndcg(["a"], {"a": 0}) is None
    assert measuring.spread({"p": ["a"]}, {"a", "b", "c", "d"}) == pytest.approx(0.75)
    figure = measuring.figure([0.5, 0.7, None])
    assert (figure.low, figure.mean, figure.high) == (0.5, pytest.approx(0.6), 0.7)
