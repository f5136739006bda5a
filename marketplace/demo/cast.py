"""Who lives in the demo world. Everybody and every organisation is invented; addresses end in .example."""

from dataclasses import dataclass

PASSWORD = "foothold-demo"

# The people one can sign in as: key, address, name
NAMED = {
    "student": ("student@example.com", "Amara Okafor"),
    "newcomer": ("newcomer@example.com", "Jonas Weber"),
    "employer": ("employer@example.com", "Ines Halden"),
    "mentor": ("mentor@example.com", "Hana Reyes"),
    "school": ("school@example.com", "Ruth Adeyemi"),
    "moderator": ("moderator@example.com", "Mo Lindqvist"),
}

SCHOOLS = [("Northgate University", "northgate.example"), ("Harbour City College", "harbourcity.example"),
           ("St Brannoc Institute", "brannoc.example")]


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


EMPLOYERS = [Employer(*row) for row in [
    ("Halden Bikes", "haldenbikes.example", "Retail and repair", "11-50", "Portland",
     "We repair, rent and sell bicycles from two workshops by the river, and teach people to fix their own.",
     "bike rentals and repairs", "riders", "Ines Halden"),
    ("Civic Kitchen", "civickitchen.example", "Food and community", "11-50", "Baltimore",
     "A canteen that trains cooks and feeds 400 people a day at prices they choose.", "lunches", "guests", "Hana Reyes"),
    ("Tidewater Oysters", "tidewateroysters.example", "Aquaculture", "2-10", "Annapolis",
     "We grow oysters in the bay and sell them to forty restaurants.", "oysters by the dozen", "restaurants", "Sam Tilley"),
    ("Lantern Clinics", "lanternclinics.example", "Health services", "51-250", "Cleveland",
     "Six neighbourhood clinics that stay open in the evening.", "evening appointments", "patients' families", "Dele Marsh"),
    ("Fairweather Institute", "fairweather.example", "Environment", "11-50", "Seattle",
     "We explain clean-air rules to the people who have to live with them.", "guides to clean-air rules", "residents", "Priya Nair"),
    ("Bramble Books", "bramblebooks.example", "Bookshop", "2-10", "Ithaca",
     "A second-hand bookshop with a reading room upstairs.", "second-hand books", "readers", "Theo Bramble"),
    ("Oldfield Orchard", "oldfieldorchard.example", "Farming", "11-50", "Hudson",
     "Forty kinds of apple, a cider press and a Saturday market.", "apples and cider", "market visitors", "Marta Oldfield"),
    ("Signal Theatre", "signaltheatre.example", "Performing arts", "11-50", "Chicago",
     "A small stage for new plays, with pay-what-you-can Tuesdays.", "tickets and workshops", "audiences", "Noor Haddad"),
    ("Quarry Street Hardware", "quarrystreet.example", "Retail", "2-10", "Pittsburgh",
     "The last hardware shop downtown. We also sharpen knives.", "tools and advice", "neighbours", "Bill Sato"),
    ("Open Harbour Museum", "openharbour.example", "Museum", "11-50", "Boston",
     "Ships, maps and the stories of people who arrived here.", "tours and exhibitions", "visitors", "Ana Duarte"),
    ("Greenline Transit Riders", "greenlineriders.example", "Advocacy", "2-10", "Minneapolis",
     "Passengers who want buses that come when they should.", "reports on bus service", "riders", "Lou Perkins"),
    ("Sable Ceramics", "sableceramics.example", "Crafts", "2-10", "Asheville",
     "Tableware thrown by hand, fired in a kiln we built ourselves.", "bowls and plates", "customers", "Kofi Sable"),
    ("Northside Food Hub", "northsidefoodhub.example", "Food bank", "11-50", "Detroit",
     "We move good food from farms to families in one day.", "weekly food boxes", "families", "Grace Molina"),
    ("Juniper Physio", "juniperphysio.example", "Physiotherapy", "2-10", "Denver",
     "Three physiotherapists and a room full of mats.", "physiotherapy sessions", "patients", "Erik Lund"),
    ("Lakeshore Rowing Club", "lakeshorerowing.example", "Sport", "11-50", "Madison",
     "Rowing for beginners, veterans and everybody between.", "rowing courses", "members", "Joan Whitaker"),
    ("Paper Lantern Studio", "paperlantern.example", "Design", "2-10", "Austin",
     "We make picture books and the exhibitions that go with them.", "picture books", "publishers", "Mei Tanaka"),
    ("Second Shift Tools", "secondshift.example", "Software", "2-10", "Raleigh",
     "Scheduling for workshops that run day and night.", "a scheduling tool", "workshop managers", "Ravi Menon"),
    ("Mill Creek Housing Trust", "millcreekhousing.example", "Housing", "11-50", "Cincinnati",
     "We buy old houses, insulate them and let them at fair rents.", "fair rents", "tenants", "Dora Klein"),
    ("Atlas Language School", "atlaslanguage.example", "Education", "11-50", "Miami",
     "Evening classes in nine languages for people who work all day.", "evening classes", "learners", "Luz Ferrer"),
    ("Copperfield Bakery", "copperfieldbakery.example", "Bakery", "11-50", "Providence",
     "Sourdough, rye, and a queue on Saturdays.", "bread", "customers", "Owen Field"),
    ("Riverbend Wildlife", "riverbendwildlife.example", "Conservation", "2-10", "Boise",
     "We count otters, and mend the river where they have left.", "river walks and surveys", "volunteers", "Ada Frost"),
    ("Tin Roof Records", "tinroofrecords.example", "Music", "2-10", "Nashville",
     "A label for people who record in their kitchens.", "records", "listeners", "Cal Dupree"),
    ("Beacon Legal Aid", "beaconlegal.example", "Legal services", "11-50", "Newark",
     "Free advice on rent, debt and work, four evenings a week.", "free advice evenings", "clients", "Iris Cohen"),
    ("Solstice Solar Co-op", "solsticesolar.example", "Energy", "11-50", "Albuquerque",
     "Neighbours who put panels on each other's roofs.", "shared solar roofs", "members", "Ben Yazzie"),
    ("Pocket Garden", "pocketgarden.example", "Gardening", "1", "Oakland",
     "I plan balconies that feed their owners.", "balcony plans", "balcony owners", "Wren Ellis"),
    ("Harrow Street Gym", "harrowstreet.example", "Sport", "2-10", "Philadelphia",
     "Boxing, stretching and a kettle that is always on.", "classes", "members", "Tess Murray"),
    ("Blue Door Hostel", "bluedoorhostel.example", "Hospitality", "2-10", "Savannah",
     "Thirty beds, a porch and a map of walks we drew ourselves.", "beds and walks", "guests", "Jules Carter"),
    ("Kestrel Drones", "kestreldrones.example", "Surveying", "11-50", "Tulsa",
     "We photograph roofs and fields from above, so nobody needs a ladder.", "roof and field surveys", "farmers", "Nina Petrov"),
    ("Common Thread", "commonthread.example", "Textiles", "2-10", "Lowell",
     "Mending, altering and teaching it.", "mending workshops", "customers", "Yara Simons"),
    ("Foxglove Events", "foxgloveevents.example", "Events", "2-10", "Charleston",
     "Small weddings and loud birthdays.", "small weddings", "hosts", "Piers Holt"),
]]

FIRST = ("Aaliyah Ben Camila Darius Elena Felix Grace Hugo Imani Jamal Kira Leon Maya Nadia Omar Paloma Quinn Rosa Samir "
         "Tara Uma Victor Wei Ximena Yusuf Zoe Abel Bianca Cyrus Dana Emeka Farah Gideon Helena Ivan Jade Kwame Lena Mateo "
         "Nia Oscar Petra Rafael Selma Tomas Ursula Vera Will Yara Zane").split()
LAST = ("Adams Baptiste Chen Diallo Evans Fischer Garcia Huang Ibrahim Jensen Kim Lopez Mbeki Nguyen O’Brien Park Quispe "
        "Rahman Silva Turner Umar Vargas Walker Xu Yilmaz Zhang Ahmed Brooks Costa Dubois Engel Flores Gupta Hassan").split()

# function -> what its students study
PROGRAMMES = {
    "marketing": "Communication", "research": "Sociology", "sales": "Business", "data": "Statistics",
    "engineering": "Computer science", "design": "Graphic design", "operations": "Supply chain management",
    "finance": "Accounting", "hr": "Psychology", "policy": "Public policy", "writing": "English", "support": "Linguistics",
}
HEADLINES = ["{programme} student who likes {skill}", "I turn {skill} into something people use", "{skill}, and asking why",
             "{programme}, evenings and weekends", "Careful with {skill}, quick with questions"]
ABOUT = ["I study {programme} and work best on things that somebody needs by Friday. Last term I used {skill} in a course "
         "project with a local charity, and it is still in use.",
         "Between lectures I help a neighbourhood group with {skill}. I like clear briefs, honest feedback and short meetings.",
         "I came to {programme} late, after two years in a shop. That taught me to listen first. {skill} is what I want to do more of."]
EVIDENCE = ["A course project with a local charity", "Two semesters of labs", "My own small project", "A summer job",
            "The student paper", "A class with weekly hand-ins", "Helping a neighbourhood group"]
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
OFFERS = ["Your answers were the ones we talked about at lunch. We would like you to do this.",
          "You asked the question we had forgotten. Would you take it on?",
          "We liked how plainly you write. The dates are as in the brief; tell us if one does not work."]
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
NOTES = ["Everything on the list is in the file. I was unsure about one point and marked it in yellow.",
         "Here is the first version. The second page is the one I would read first.",
         "Done as agreed. I checked the figures against last year, and they match to the last one.",
         "This took a little longer than planned because two sources disagreed; both are named at the end."]
CHANGES = [["The title says less than the page does", "Please add last year beside this year"],
           ["The second chart is hard to read on a phone"], ["Use the names from our list, not the file names"]]
PRAISE = [(5, "Clear, careful, and early. We use it every week."), (5, "Asked good questions and listened to the answers."),
          (4, "Good work; the last step needed a reminder, and then it was done the same day."),
          (5, "We hired a student and got a colleague for three weeks.")]
THANKS = [(5, "They knew what they wanted and answered within hours."), (4, "Friendly, and paid the day the work was approved."),
          (5, "I learned how decisions are really made."), (4, "The brief was good; the data took a while to arrive.")]
DECLINES = [("skills", ""), ("answers", "Your answers were general; a story from your own work would have told us more."),
            ("dates", ""), ("filled", "")]

# What stands in square brackets in the templates -> what this employer writes there ("" keeps a general rule below)
BLANKS = {
    "years": "two years", "number": "1,200", "what": "{what}", "month": "March", "week or month": "week", "tool": "Google Sheets",
    "what is recorded, for example every order or visit": "every order",
    "your question, for example which days are quiet, or which products go together": "which days are quiet, and why",
    "source": "our own records", "where: forms, surveys, reviews": "a form on our site", "period": "the last year",
    "area": "the east side", "need, service or gap": "{what}", "source or \"the statistics office\"": "the statistics office",
    "districts, tracts or postcodes": "districts", "sites, members or projects": "sites", "where": "{place}",
    "Share, for example four in ten": "Four in ten", "booking, signing up or ordering": "ordering", "second": "second",
    "a voucher": "a voucher for {what}", "year": "last year", "who you are": "a small team in {place}", "time": "five years",
    "name or service": "{name}", "question": "what brings people back", "event": "our open day", "date": "the first Saturday of the month",
    "example": "the booking page", "whom": "{who}", "Python, Apps Script or whatever fits": "Python or whatever fits",
    "a normal laptop or our account": "a normal laptop", "reason": "the old way takes a day a week", "our site's system": "WordPress",
    "workshops or suppliers": "workshops", "size": "40 centimetres", "material": "aluminium",
    "for example grants, seasons or large invoices": "seasons and two large invoices", "accounting tool": "accounting program",
    "other": "others", "Number": "Eleven", "something important": "where the keys are", "few or very similar": "few",
    "what happened, for example three people left in a year": "three people left in a year",
    "topic, for example our booking system or writing clear e-mails": "writing clear e-mails",
    "bought from us, visited or signed up": "signed up", "week or two weeks": "two weeks", "launch, open or start": "start",
    "what it is": "a new season of {what}", "who they are": "{who} between 20 and 40", "network": "Instagram", "what you offer": "{what}",
    "two examples": "prices and how to find us", "place or online": "{place}", "who": "{who}",
    "list, for example opening the shop, sending an order, booking a room": "opening, sending an order, closing",
    "supplier or several": "one supplier", "quantity": "200 boxes", "shop, kitchen, workshop or store room": "store room",
    "amount or what happened": "a full afternoon every week", "Excel or Google Sheets": "Google Sheets", "Place or organisation": "The city",
    "rule, for example how short rentals or e-scooters are handled": "how street stalls are licensed",
    "kind of organisation": "organisation of our size", "place": "{place}", "amount": "5,000 dollars", "purpose": "a second room",
    "programme": "the Saturday programme", "what you count": "how many came", "page, offer or price": "offer",
    "decision": "what to offer next year", "month or season": "autumn", "place, service or site": "place",
    "decision or programme": "programme", "your question in one sentence": "what makes {who} come back",
    "which kind of company": "small companies", "where or what kind": "in {place}", "region or industry": "{place}", "product": "{what}",
    "kind of customer": "{who}", "customers, members or patients' families": "{who}", "our site, forms or invoices": "our site",
    "examples, for example a form, a bill or house rules": "a form, a bill and our house rules", "topic": "{what}", "language": "Spanish",
    "leaflet, site or form": "leaflet",
}
