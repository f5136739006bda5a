"""Django finds the models of every room here."""

from .employers.models import MemberInvite, Membership, Organisation, Proof
from .notifications.models import Letter, Mail, Notification, Preference, UnsubscribeToken
from .schools.models import School, SchoolStaff
from .skills.models import Skill
from .students.models import SchoolCode, StudentProfile, StudentSkill
from .users.models import User

__all__ = [
    "Letter",
    "Mail",
    "MemberInvite",
    "Membership",
    "Notification",
    "Organisation",
    "Preference",
    "Proof",
    "School",
    "SchoolCode",
    "SchoolStaff",
    "Skill",
    "StudentProfile",
    "StudentSkill",
    "UnsubscribeToken",
    "User",
]
