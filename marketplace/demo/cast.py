"""Who lives in the demo world. Everybody and every organisation is invented; addresses end in .example."""

import csv
from dataclasses import dataclass
from pathlib import Path

PASSWORD = "foothold-demo"

# The people one can sign in as: key, address, name
NAMED = {
    "student": ("student@example.com", "Amara Okafor"),
    "newcomer": ("newcomer@example.com", "Jonas Weber"),
    "employer": ("employer@example.com", "Ines Halden"),
    "mentor": ("mentor@example.com", "Hana Reyes"),
    "school": ("school@example.com", "Ruth Adeyemi"),
    "moderator": ("moderator@example.com", "Mo Lindqvist"),
    "appeals": ("appeals@example.com", "Nora Sandoval"),
}

SCHOOLS = [
    ("Northgate University", "northgate.example"),
    ("Harbour City College", "harbourcity.example"),
    ("St Brannoc Institute", "brannoc.example"),
]


@dataclass(frozen=True)
class Employer:
    """`what` they offer and `who` comes to them fill the blanks of the templates."""

    name: str
    domain: str
    sector: str
    size: str
    place: str
    about: str
    what: str
    who: str
    owner: str


def _rows(name: str) -> list[dict[str, str]]:
    with (Path(__file__).parent / name).open(newline="", encoding="utf-8") as table:
        return list(csv.DictReader(table))


EMPLOYERS = [Employer(**row) for row in _rows("employers.csv")]

FIRST = (
    "Aaliyah Ben Camila Darius Elena Felix Grace Hugo Imani Jamal Kira Leon Maya Nadia Omar Paloma Quinn Rosa Samir "
    "Tara Uma Victor Wei Ximena Yusuf Zoe Abel Bianca Cyrus Dana Emeka Farah Gideon Helena Ivan Jade Kwame Lena Mateo "
    "Nia Oscar Petra Rafael Selma Tomas Ursula Vera Will Yara Zane"
).split()
LAST = (
    "Adams Baptiste Chen Diallo Evans Fischer Garcia Huang Ibrahim Jensen Kim Lopez Mbeki Nguyen O’Brien Park Quispe "
    "Rahman Silva Turner Umar Vargas Walker Xu Yilmaz Zhang Ahmed Brooks Costa Dubois Engel Flores Gupta Hassan"
).split()

# function -> what its students study
PROGRAMMES = {
    "marketing": "Communication",
    "research": "Sociology",
    "sales": "Business",
    "data": "Statistics",
    "engineering": "Computer science",
    "design": "Graphic design",
    "operations": "Supply chain management",
    "finance": "Accounting",
    "hr": "Psychology",
    "policy": "Public policy",
    "writing": "English",
    "support": "Linguistics",
}
HEADLINES = [
    "{programme} student who likes {skill}",
    "I turn {skill} into something people use",
    "{skill}, and asking why",
    "{programme}, evenings and weekends",
    "Careful with {skill}, quick with questions",
]
ABOUT = [
    "I study {programme} and work best on things that somebody needs by Friday. Last term I used {skill} in a course "
    "project with a local charity, and it is still in use.",
    "Between lectures I help a neighbourhood group with {skill}. I like clear briefs, honest feedback and short meetings.",
    "I came to {programme} late, after two years in a shop. That taught me to listen first. {skill} is what I want to do more of.",
]
EVIDENCE = [
    "A course project with a local charity",
    "Two semesters of labs",
    "My own small project",
    "A summer job",
    "The student paper",
    "A class with weekly hand-ins",
    "Helping a neighbourhood group",
]
PITCHES = [
    "I read your brief twice because it is about something I can see. I have used {skill} in a project that people still use, "
    "and I would begin by looking at what you already have before adding anything.",
    "This is close to what I study, and close to where I live. I can give it about {hours} hours a week. You would see a first "
    "draft early, so that you can still change your mind.",
    "I am good at {skill} and patient with details. My last project was for a small organisation too: few people, little time, "
    "and real dates. I know how to ask one good question instead of ten.",
    "I would like to do this because the result is clear. I have done something like it with {skill}, and I can show you how I "
    "checked my own work.",
    "I do not have a long list of jobs, but I have {skill}, a free evening twice a week, and I finish what I start.",
]
ANSWERS = [
    "I would first look at what is there now and ask the person who uses it most what gets in the way. The answer is "
    "usually smaller than people expect, and it decides what to do first.",
    "The best one I know says what it wants in the first line. It respects that people read on a phone, on a bus, with one "
    "hand. I try to do the same.",
    "I check it in three ways: I read it aloud, I let somebody who knows nothing about it use it, and I compare the numbers "
    "with a second source.",
    "In a course project we made this mistake: we collected everything and looked at nothing. Since then I write the "
    "question on a card before I open the file.",
    "It depends on who has to live with it afterwards. I would show two versions, say which one I would take, and why.",
]
OFFERS = [
    "Your answers were the ones we talked about at lunch. We would like you to do this.",
    "You asked the question we had forgotten. Would you take it on?",
    "We liked how plainly you write. The dates are as in the brief; tell us if one does not work.",
]
MESSAGES = [
    ("employer", "Welcome. The folder is shared with you; the file from March is the one to trust."),
    ("student", "Thank you, I have it. One question: is a visit that was cancelled still counted?"),
    ("employer", "No, please leave those out. Good that you asked."),
    ("student", "Then the total drops by about a tenth. I will say so on the page."),
    ("employer", "Perfect. I am at my desk on Thursday if you want to look at it together."),
    ("student", "Thursday at four works. I will send a draft the evening before."),
    ("employer", "Read it on the train. It is clear. Two small things, I will put them in the review."),
    ("student", "Both done, and I found a third one myself."),
]
NOTES = [
    "Everything on the list is in the file. I was unsure about one point and marked it in yellow.",
    "Here is the first version. The second page is the one I would read first.",
    "Done as agreed. I checked the figures against last year, and they match to the last one.",
    "This took a little longer than planned because two sources disagreed; both are named at the end.",
]
CHANGES = [
    ["The title says less than the page does", "Please add last year beside this year"],
    ["The second chart is hard to read on a phone"],
    ["Use the names from our list, not the file names"],
]
DISPUTE = {
    "opening": "Two of the three things in the done-when list are there. The third, the comparison with last year, is "
    "missing, and we have to do it ourselves now. Half of the pay seems fair to us.",
    "answer": "The figures for last year never came, although I asked for them twice in the messages. Everything that "
    "could be done without them is done, and I wrote down how to add them.",
    "decision": "The messages show that the figures were asked for on the second day and did not come. The list was "
    "otherwise done, but the gap was not named when the work was handed in. Hence the middle between you.",
}
PRAISE = [
    (5, "Clear, careful, and early. We use it every week."),
    (5, "Asked good questions and listened to the answers."),
    (4, "Good work; the last step needed a reminder, and then it was done the same day."),
    (5, "We hired a student and got a colleague for three weeks."),
]
THANKS = [
    (5, "They knew what they wanted and answered within hours."),
    (4, "Friendly, and paid the day the work was approved."),
    (5, "I learned how decisions are really made."),
    (4, "The brief was good; the data took a while to arrive."),
]
DECLINES = [
    ("skills", ""),
    ("answers", "Your answers were general; a story from your own work would have told us more."),
    ("dates", ""),
    ("filled", ""),
]

# What stands in square brackets in the templates -> what this employer writes there
BLANKS = {row["blank"]: row["words"] for row in _rows("blanks.csv")}
