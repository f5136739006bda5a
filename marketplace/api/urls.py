from django.urls import include, path
from rest_framework.routers import SimpleRouter

from accounts.notifications.api import NotificationRoom
from payments.books.api import DocumentRoom, EarningRoom, Statements
from projects.alerting.api import SearchRoom
from projects.disputing.api import DisputeRoom
from projects.inviting.api import InvitationRoom
from projects.reviewing.api import CredentialRoom, EmployerRoom
from projects.sponsoring.api import DrawRoom, WalletRoom

from . import reference, rooms, tokens

router = SimpleRouter()
for name, room in {
    "projects": rooms.ProjectRoom,
    "applications": rooms.ApplicationRoom,
    "offers": rooms.OfferRoom,
    "engagements": rooms.EngagementRoom,
    "milestones": rooms.MilestoneRoom,
    "disputes": DisputeRoom,
    "earnings": EarningRoom,
    "invoices": DocumentRoom,
    "invitations": InvitationRoom,
    "saved-searches": SearchRoom,
    "wallets": WalletRoom,
    "draws": DrawRoom,
    "notifications": NotificationRoom,
    "employers": EmployerRoom,
    "credentials": CredentialRoom,
}.items():
    router.register(name, room, basename=name)

app_name = "api"
v1 = [
    path("auth/token/", tokens.SignIn.as_view(), name="token"),
    path("auth/token/revoke/", tokens.SignOut.as_view(), name="token-revoke"),
    path("me/", rooms.Me.as_view(), name="me"),
    path("templates/", rooms.Templates.as_view(), name="templates"),
    path("functions/", rooms.Functions.as_view(), name="functions"),
    path("statements/", Statements.as_view(), name="statements"),
    path("skills/", rooms.Skills.as_view(), name="skills"),
    *router.urls,
]
urlpatterns = [
    path("schema/", reference.schema, name="schema"),
    path("docs/", reference.docs, name="docs"),
    path("v1/", include(v1)),
    path("v1/<path:rest>", reference.nothing_here),
]
