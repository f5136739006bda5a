"""Every menu of the site as data: what it says and the name of the page that it leads to."""

# (label, name of the page, which other addresses belong to it)
VISITOR = [
    ("Find projects", "search:browse", r"^/employers/"),
    ("For employers", "for_employers", ""),
    ("How it works", "how", ""),
]
STUDENT = [
    ("Home", "home:student", ""),
    ("For you", "suggesting:for-you", ""),
    ("Find projects", "search:browse", r"^/(saved|searches|employers)/"),
    ("Applications", "applying:mine", r"^/(offers|invitations)/|^/projects/[^/]+/apply/"),
    ("My work", "working:mine", r"^/(milestones|extensions|records)/"),
    ("Earnings", "payments:earnings", r"^/payments/payouts/"),
]
EMPLOYER = [
    ("Home", "home:employer", ""),
    ("Projects", "posting:mine", r"^/applicants/|^/projects/[^/]+/(applicants|students)/"),
    ("Work", "working:mine", r"^/(milestones|extensions)/"),
    ("Organisation", "employers:mine", r"^/payments/(billing|documents)/"),
]
BOTH = [*EMPLOYER[:3], *STUDENT[1:4], *STUDENT[5:]]
SCHOOL = [
    ("Home", "home:school", ""),
    ("Sponsoring", "sponsoring:mine", r"^/sponsoring/"),
    ("Find projects", "search:browse", ""),
    ("How it works", "how", ""),
]
NOBODY_YET = [
    ("Get started", "users:choose", ""),
    ("Find projects", "search:browse", ""),
    ("How it works", "how", ""),
]
ACCOUNT = [  # (label, page, icon, for whom)
    ("Profile and skills", "students:profile", "user", "student"),
    ("Saved projects", "search:saved", "bookmark", "student"),
    ("Saved searches", "alerting:searches", "bell", "student"),
    ("Invitations", "inviting:mine", "mail", "student"),
    ("Organisation", "employers:mine", "building", "employer"),
    ("Billing", "payments:billing_mine", "wallet", "employer"),
    ("Sponsoring", "sponsoring:mine", "school", "employer"),
    ("Settings and security", "users:settings", "settings", ""),
    ("Your reports", "reporting:mine", "flag", ""),
    ("Moderation", "admin:index", "gavel", "staff"),
    ("How it works", "how", "help", ""),
]
SETTINGS = [
    ("Name and time zone", "users:settings", "user"),
    ("Notifications", "notifications:settings", "bell"),
    ("E-mail addresses", "account_email", "mail"),
    ("Password", "account_change_password", "lock"),
    ("Two-step sign-in", "mfa_index", "shield"),
]
SOCIAL = [("Other ways to sign in", "socialaccount_connections", "link")]
POST = ("Post a project", "posting:new", "plus")
DEMO_PEOPLE = [
    ("Student", "student"),
    ("Newcomer", "newcomer"),
    ("Employer", "employer"),
    ("Mentor", "mentor"),
    ("School", "school"),
    ("Moderator", "moderator"),
]
JOIN = "account_signup"  # left out for people who are signed in
FOOTER = [
    ("Students", [("Find projects", "search:browse"), ("How it works", "how"), ("Join", JOIN)]),
    ("Employers", [("Post a project", "posting:new"), ("What it costs", "for_employers")]),
    (
        "This site",
        [
            ("Terms of use", "terms"),
            ("Privacy", "privacy"),
            ("About the operator", "imprint"),
            ("API", "api:docs"),
        ],
    ),
]
