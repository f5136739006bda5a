"""The twelve functions: the department of an organisation that a project belongs to."""

from django.db import models


class Function(models.TextChoices):
    MARKETING = "marketing", "Marketing"
    RESEARCH = "research", "Research"
    SALES = "sales", "Sales"
    DATA = "data", "Data"
    ENGINEERING = "engineering", "Engineering"
    DESIGN = "design", "Design"
    OPERATIONS = "operations", "Operations"
    FINANCE = "finance", "Finance"
    HR = "hr", "People (HR)"
    POLICY = "policy", "Policy"
    WRITING = "writing", "Writing"
    SUPPORT = "support", "Customer support"

    @property
    def description(self) -> str:
        """One line that says what kind of work belongs here."""
        return DESCRIPTIONS[self]


DESCRIPTIONS = {
    Function.MARKETING: "Campaigns, newsletters, social posts and events: helping people find out.",
    Function.RESEARCH: "Interviews, surveys and market scans: finding out, and saying what it means.",
    Function.SALES: "Lists of likely customers, outreach, proposals and the records behind them.",
    Function.DATA: "Cleaning, joining, counting and charting: turning rows into an answer.",
    Function.ENGINEERING: "Software, websites, automation, testing, drawings and calculations.",
    Function.DESIGN: "Pages, products, brands, pictures and video: how a thing looks and works for people.",
    Function.OPERATIONS: "Processes, suppliers, stock and schedules: making the everyday run better.",
    Function.FINANCE: "Budgets, forecasts, pricing, reconciling and cost comparisons.",
    Function.HR: "Hiring, onboarding, training and the handbook: how people join, learn and stay.",
    Function.POLICY: "Rules, grants, consultations and impact: what the law says and what should change.",
    Function.WRITING: "Articles, guides, case studies, editing and translation.",
    Function.SUPPORT: "Help centres, replies, feedback and quality: what happens after somebody asks.",
}
