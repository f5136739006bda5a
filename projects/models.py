"""Django finds the models of every room here."""

from .applying.models import Answer, Application
from .hiring.models import Agreement, ContractorCheck, Engagement, Milestone, Offer
from .matching.models import MatchWave
from .posting.models import ModerationDecision, PlannedMilestone, Project, ProjectSkill, Question
from .reporting.models import Report
from .reviewing.models import Credential, Review
from .search.models import Bookmark
from .talking.models import Message, ReadMark
from .working.models import Cancellation, ChangeRequest, Extension, Submission, SubmissionFile

__all__ = [
    "Agreement",
    "Answer",
    "Application",
    "Bookmark",
    "Cancellation",
    "ChangeRequest",
    "ContractorCheck",
    "Credential",
    "Engagement",
    "Extension",
    "MatchWave",
    "Message",
    "Milestone",
    "ModerationDecision",
    "Offer",
    "PlannedMilestone",
    "Project",
    "ProjectSkill",
    "Question",
    "ReadMark",
    "Report",
    "Review",
    "Submission",
    "SubmissionFile",
]
