"""Word lists that rules share: what a thing looks like, what a job is called, how numbers are written."""

import re
from decimal import Decimal

from .phrases import Text


def word_set(words: str) -> frozenset[str]:
    """The words of a long string, for membership tests."""
    return frozenset(words.split())


# Things that can be handed over. Their presence makes an outcome or a deliverable checkable.
ARTEFACTS = word_set("""
agenda album analysis animation answers app article articles assessment audit banner banners bibliography
bill book booklet brief briefing brochure budget calculation calculator calendar captions card cards case
cases catalogue catalog chapter chart charts checklist checklists clip clips code comparison component
components copy course data database dataset deck design designs diagram diagrams dictionary directory
document documents documentation draft drafts drawing drawings edit email emails entries entry estimate
evaluation examples export faq feature file files film findings flow flows flyer flyers forecast form forms
framework glossary graphic graphics graphs guide guidelines guides handbook handout handouts icons
illustration illustrations index infographic infographics interview interviews inventory kit label labels
landscape layout leaflet leaflets lesson lessons letter letters library link links list lists log logo logos
macro mailing manual map maps matrix memo menu message messages minutes mock-up mockup mockups model models
module modules moodboard newsletter newsletters note notes notebook outline pack package page pages paper
paragraph path photo photos pictures pipeline plan plans playbook podcast portfolio post poster posters
posts presentation pricing procedure process profile profiles proposal proposals protocol prototype
prototypes pull questionnaire questions quotes ranking readme recommendation recommendations record
recording recordings records register release replies reply report reports repository response responses
results review reviews roadmap rota rows rubric schedule scorecard screen screens script scripts search
sections sequence service sessions sheet sheets shortlist site sketch sketches slide slides spec
specification spreadsheet spreadsheets stories story storyboard strategy structure style subtitles suite
summaries summary survey surveys system table tables tags taxonomy template templates test tests text texts
timeline toolkit tool tracker training transcript transcripts translation translations tutorial tutorials
version versions video videos wall webpage website wiki wireframe wireframes workbook workflow workflows
worksheet worksheets workshop write-up writeup
""")

NUMBER_WORDS = {
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
    "eleven": 11,
    "twelve": 12,
    "fifteen": 15,
    "twenty": 20,
    "thirty": 30,
    "forty": 40,
    "fifty": 50,
    "hundred": 100,
}
DIGIT = re.compile(r"\d")

# Names of jobs, in the singular, as they end a title that names a person instead of a result.
ROLES = word_set("""
accountant administrator advisor adviser agent ambassador analyst animator apprentice architect artist
assistant associate bookkeeper cameraman clerk coach consultant contractor coordinator copywriter creator
curator designer developer director editor employee engineer executive expert facilitator filmmaker
freelancer fundraiser genius guru helper hire illustrator influencer intern interns internship job
journalist lead librarian manager marketer moderator ninja officer operator paralegal person photographer
planner position producer professional programmer receptionist recruiter rep representative researcher
rockstar role salesperson salesman scientist secretary seller specialist strategist student students
superstar supervisor teammate technician temp tester trainee trainer translator tutor typist va videographer
volunteer webmaster wizard worker writer
""")

# Verbs with which a title that names an outcome tends to begin.
VERBS = word_set("""
add adapt analyse analyze answer arrange assemble assess audit automate benchmark bring brief build
calculate catalogue categorise chart check choose clean clear code collect combine compare compile compose
connect convert copy-edit cost count create cut define describe design develop digitise document draft draw
edit estimate evaluate explain explore film find fix forecast gather get give grade group help identify
illustrate improve index interview inventory investigate label launch lay learn list listen log look make
map match measure migrate model move name organise organize outline photograph pick plan prepare present
price produce proofread prototype prove publish put rank read rebuild reconcile record redesign redraw
reduce refresh rehearse reorganise replace reply report research restructure review revise rewrite run scope
score scan set shape shoot shorten show sketch sort speed spot standardise storyboard structure study
subtitle summarise summarize survey tag talk tell test tidy trace track train transcribe translate trim try
turn uncover understand unify update use validate verify visualise watch work write
""")


def has_number(text: Text) -> bool:
    """Whether `text` counts something, in digits or in words."""
    return bool(DIGIT.search(text.raw)) or any(word in NUMBER_WORDS for word, _ in text.words)


def is_concrete(text: Text) -> bool:
    """Whether `text` names a thing that exists at the end, or a number to count."""
    return has_number(text) or any(word in ARTEFACTS for word, _ in text.words)


def count(hours: Decimal) -> str:
    """`16.00` -> `16`, `7.50` -> `7.5`."""
    return f"{Decimal(hours).normalize():f}"
