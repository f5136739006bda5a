"""Django finds the models of every room here."""

from .alerting.models import Alert, SavedSearch, SearchRun
from .applying.models import Answer, Application
from .disputing.models import Dispute, Statement, StatementFile
from .exposing.models import ExposureWeek, ShownList, StudentExposure
from .hiring.models import Agreement, ContractorCheck, Engagement, Milestone, Offer
from .inviting.models import Block, Invitation
from .matching.models import MatchWave, MatchWeights, ProjectMatch, StudentMatch
from .posting.models import ModerationDecision, PlannedMilestone, Project, ProjectSkill, Question
from .reporting.models import Report
from .reviewing.models import Credential, Review
from .search.models import Bookmark, OpenProject, SearchWord
from .sponsoring.models import Draw, Programme
from .suggesting.models import Dismissal
from .talking.models import Message, ReadMark
from .working.models import Cancellation, ChangeRequest, Extension, Submission, SubmissionFile

__all__ = [
    "Dismissal",
    "Dispute",
    "Draw",
    "Programme",
    "Invitation",
    "Block",
    "StudentExposure",
    "ShownList",
    "ExposureWeek",
    "SearchRun",
    "SavedSearch",
    "Alert",
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
    "MatchWeights",
    "Message",
    "Milestone",
    "ModerationDecision",
    "Offer",
    "OpenProject",
    "PlannedMilestone",
    "Project",
    "ProjectMatch",
    "ProjectSkill",
    "Question",
    "ReadMark",
    "Report",
    "Review",
    "SearchWord",
    "Statement",
    "StatementFile",
    "StudentMatch",
    "Submission",
    "SubmissionFile",
]
