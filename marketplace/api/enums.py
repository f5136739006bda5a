"""What the API document calls the sets of choices that it would otherwise name by a number."""

ENUM_NAMES = {
    "ProjectState": "projects.posting.states.ProjectState",
    "ApplicationState": "projects.applying.states.ApplicationState",
    "OfferState": "projects.hiring.states.OfferState",
    "EngagementState": "projects.hiring.states.EngagementState",
    "MilestoneState": "projects.hiring.states.MilestoneState",
    "ExtensionState": "projects.working.states.ExtensionState",
    "DeclineReason": "projects.applying.states.DeclineReason",
    "DisputeState": "projects.disputing.states.DisputeState",
    "KindEnum": "payments.books.models.Document.Kind",
    "SideEnum": "projects.disputing.models.PARTIES",
    "DisputeOutcome": "projects.disputing.models.Dispute.How",
    "DisputeSide": "projects.disputing.models.Side",
    "StatementKind": "projects.disputing.models.Statement.Kind",
    "InvitationState": "projects.inviting.states.InvitationState",
    "NoReason": "projects.inviting.states.NoReason",
    "SearchRhythm": "projects.alerting.models.SavedSearch.How",
    "DrawState": "projects.sponsoring.states.DrawState",
    "WalletState": "payments.wallets.states.WALLET_WORDS",
}
