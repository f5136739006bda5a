"""The skill vocabulary: what ships, what typed words mean, and how new words get in."""

import pytest
from django.core.management import call_command

from accounts.skills import actions, names, queries
from accounts.skills.functions import Function
from accounts.skills.models import Skill
from accounts.skills.states import SkillState
from accounts.users.models import User
from marketplace.ground.errors import Invalid, NotAllowed, WrongMoment
from marketplace.ground.models import StateChange

SEED = actions.read_seed()


@pytest.fixture
def vocabulary(db):
    actions.load_skills()


@pytest.fixture
def ana(db):
    return User.objects.create_user("ana@example.com", name="Ana")


@pytest.fixture
def moderator(db):
    return User.objects.create_user("mod@example.com", name="Mo", is_staff=True)


def test_the_list_is_large_enough_for_every_function():
    assert len(SEED) >= 620
    for function in Function.values:
        assert sum(row["function"] == function for row in SEED) >= 40, function


def test_every_skill_of_the_list_is_complete():
    slugs = {row["slug"] for row in SEED}
    assert len(slugs) == len(SEED)
    for row in SEED:
        assert row["function"] in Function.values, row
        assert row["kind"] in Skill.Kind.values, row
        assert row["aliases"], row
        assert 2 <= len(row["related"]) <= 4, row
        assert set(row["related"]) <= slugs - {row["slug"]}, row


def test_no_name_stands_for_two_skills():
    seen: dict[str, str] = {}
    for row in SEED:
        for name in {names.normal(row["name"]), *map(names.normal, row["aliases"])}:
            assert seen.setdefault(name, row["slug"]) == row["slug"], name


def test_every_function_says_what_belongs_to_it():
    assert len(Function) == 12
    assert all(len(function.description.split()) >= 6 for function in Function)


def test_loading_twice_writes_once(db):
    assert actions.load_skills() == len(SEED)
    assert actions.load_skills() == 0
    assert queries.accepted().count() == len(SEED)


def test_loading_keeps_what_a_moderator_added_and_mends_the_rest(vocabulary):
    skill = Skill.objects.get(slug="excel")
    Skill.objects.filter(pk=skill.pk).update(name="Exel", aliases=[*skill.aliases, "calc sheets"])
    assert actions.load_skills() == 1
    skill.refresh_from_db()
    assert skill.name == "Excel"
    assert skill.aliases[-1] == "calc sheets"


def test_the_command_says_what_it_did(db, capsys):
    call_command("load_skills")
    call_command("load_skills")
    first, second = capsys.readouterr().out.splitlines()
    assert first == f"{len(SEED)} skills written."
    assert second == "The skills are up to date."


@pytest.mark.parametrize(
    ("typed", "slug"),
    [
        ("Excel", "excel"),
        ("  microsoft   EXCEL ", "excel"),
        ("js", "javascript"),
        ("node.js", "node-js"),
        ("C++", "c-plus-plus"),
        ("c#", "c-sharp"),
        (".NET", "dot-net"),
        ("R", "r"),
        ("español", "spanish"),
        ("UI/UX", "ux-design"),
        ("A/B tests", "ab-testing"),
        ("search engine optimization", "seo"),
    ],
)
def test_a_name_or_another_name_is_understood(vocabulary, typed, slug):
    assert queries.resolve(typed).slug == slug


@pytest.mark.parametrize(
    ("typed", "slug"),
    [
        ("Pyton", "python"),
        ("figam", "figma"),
        ("photoshp", "adobe-photoshop"),
        ("javascrpit", "javascript"),
        ("usability testng", "usability-testing"),
        ("compettior analyis", "competitor-analysis"),
        ("excle", "excel"),
    ],
)
def test_a_slip_of_the_finger_is_understood(vocabulary, typed, slug):
    assert queries.resolve(typed).slug == slug


@pytest.mark.parametrize(
    "typed", ["", "   ", "Rugby", "Sigma", "Beekeeping", "Apiculture", "?!", "Q", "x" * 5000, "Pottery"]
)
def test_a_word_that_is_no_skill_is_not_bent_into_one(vocabulary, typed):
    assert queries.resolve(typed) is None


def test_several_words_are_read_in_a_constant_number_of_queries(vocabulary, django_assert_num_queries):
    queries.resolve("Excel")
    with django_assert_num_queries(2):
        meant = queries.resolve_many(["Excel", "js", "Pyton", "Beekeeping"])
    assert [skill and skill.slug for skill in meant.values()] == ["excel", "javascript", "python", None]


def test_typing_brings_the_names_that_begin_so_first(vocabulary):
    assert [skill.name for skill in queries.suggest("exc")][:3] == ["Excel", "Excel formulas", "Excel macros"]
    assert queries.suggest("excel")[0].slug == "excel"
    assert queries.suggest("vlookup")[0].slug == "excel-formulas"
    assert queries.suggest("testing")[0].name.split()[-1] == "testing"
    assert queries.suggest("javascrpit")[0].slug == "javascript"
    assert len(queries.suggest("a", limit=5)) == 5
    assert queries.suggest("") == queries.suggest("zzzz") == []


def test_slugs_come_back_in_the_order_asked_for(vocabulary):
    assert [skill.slug for skill in queries.by_slugs(["sql", "nothing", "excel", "sql"])] == ["sql", "excel"]


def test_an_unknown_word_becomes_a_proposal_that_nobody_is_offered(vocabulary, ana):
    skill = actions.propose_skill(by=ana, name="  Bee   keeping ")
    assert (skill.name, skill.slug, skill.state) == ("Bee keeping", "bee-keeping", SkillState.PENDING)
    assert queries.suggest("bee k") == []
    assert queries.resolve("Bee keeping") is None
    assert skill in queries.visible_to(ana)
    assert skill not in queries.visible_to(None)
    assert StateChange.of(skill).get().by == ana


def test_proposing_what_is_known_gives_the_known_one(vocabulary, ana):
    assert actions.propose_skill(by=ana, name="ms excel").slug == "excel"
    first = actions.propose_skill(by=ana, name="Beekeeping")
    assert actions.propose_skill(by=ana, name="BEEKEEPING") == first
    assert Skill.objects.filter(state=SkillState.PENDING).count() == 1


def test_two_skills_that_a_slug_cannot_tell_apart_stay_two(vocabulary, ana):
    assert actions.propose_skill(by=ana, name="Excel?").slug == "excel"
    skill = actions.propose_skill(by=ana, name="D#")
    assert actions.propose_skill(by=ana, name="数据分析").slug.startswith("skill-")
    assert skill.slug == "d"


@pytest.mark.parametrize(
    "name",
    [
        "",
        "x",
        "12345",
        "y" * 61,
        "mail me at a@b.example",
        "see https://example.com",
        "one two three four five six",
        "<b>bold</b>",
        "nul\x00byte",
    ],
)
def test_what_cannot_be_a_skill_is_refused_with_a_reason(vocabulary, ana, name):
    with pytest.raises(Invalid) as refused:
        actions.propose_skill(by=ana, name=name)
    assert list(refused.value.message_dict) == ["name"]
    assert not Skill.objects.filter(state=SkillState.PENDING).exists()


def test_one_person_cannot_flood_the_moderators(vocabulary, ana):
    for i in range(actions.MAX_PROPOSALS):
        actions.propose_skill(by=ana, name=f"Weaving style {i}")
    with pytest.raises(Invalid):
        actions.propose_skill(by=ana, name="One more weave")
    assert actions.propose_skill(by=ana, name="Weaving style 3").name == "Weaving style 3"


def test_a_moderator_takes_a_proposal_into_the_vocabulary(vocabulary, ana, moderator):
    skill = actions.propose_skill(by=ana, name="Beekeeping")
    assert queries.resolve("apiculture") is None
    actions.accept_skill(by=moderator, skill=skill, function=Function.OPERATIONS, aliases=["apiculture", " "])
    assert queries.resolve("Apiculture") == skill
    assert queries.suggest("beek") == [skill]
    with pytest.raises(WrongMoment):
        actions.accept_skill(by=moderator, skill=skill, function=Function.OPERATIONS)


def test_taking_in_a_proposal_is_checked(vocabulary, ana, moderator):
    skill = actions.propose_skill(by=ana, name="Beekeeping")
    with pytest.raises(NotAllowed):
        actions.accept_skill(by=ana, skill=skill, function=Function.OPERATIONS)
    with pytest.raises(Invalid):
        actions.accept_skill(by=moderator, skill=skill, function="magic")
    with pytest.raises(Invalid):
        actions.accept_skill(by=moderator, skill=skill, function=Function.DATA, aliases=["js"])
    skill.refresh_from_db()
    assert skill.state == SkillState.PENDING


def test_a_proposal_that_the_list_learns_later_is_accepted_by_loading(db, ana):
    proposal = actions.propose_skill(by=ana, name="Usability testing")
    actions.load_skills()
    proposal.refresh_from_db()
    assert proposal.state == SkillState.ACCEPTED
    assert proposal.function == Function.RESEARCH


def test_a_list_of_ones_own_is_added_and_a_dry_run_changes_nothing(vocabulary, tmp_path):
    path = tmp_path / "own.csv"
    path.write_text(
        "name,function,kind,aliases,related\nBeekeeping,operations,method,apiculture|bees,\nExcel,data,tool,calc sheets,\n"
    )
    before = Skill.objects.count()
    assert actions.import_skills(path, dry_run=True) == (1, 1)
    assert Skill.objects.count() == before
    assert actions.import_skills(path) == (1, 1)
    assert queries.resolve("apiculture").name == "Beekeeping"
    assert queries.resolve("calc sheets").slug == "excel"
    assert actions.import_skills(path) == (0, 2)


def test_a_bad_list_is_told_with_its_lines_and_changes_nothing(vocabulary, tmp_path):
    path = tmp_path / "own.csv"
    path.write_text(
        "name,function,kind,aliases\nBeekeeping,farm,method,\nBread,operations,odd,\nX y,operations,method,excel\n"
    )
    before = Skill.objects.count()
    with pytest.raises(Invalid) as refused:
        actions.import_skills(path)
    problems = refused.value.message_dict["file"]
    assert [words.split(":")[0] for words in problems] == ["line 2", "line 3", "line 4"]
    assert Skill.objects.count() == before
