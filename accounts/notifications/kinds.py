"""The kinds of notification. Each room's `notices.py` declares its own with `kind(...)`."""

from dataclasses import dataclass

KINDS: dict[str, "Kind"] = {}


@dataclass(frozen=True)
class Kind:
    """`always` kinds (security, money) cannot be switched off; `action` ones ask the person to do something."""

    slug: str
    title: str
    group: str
    default: str  # a `Preference.How` value
    always: bool
    action: bool


def kind(
    slug: str, title: str, *, group: str, default: str = "instant", always: bool = False, action: bool = False
) -> Kind:
    """Declare a kind; `default` is how it is told when the person has not chosen: instant, daily, weekly or app."""
    KINDS[slug] = Kind(slug, title, group, default, always, action)
    return KINDS[slug]


def groups() -> dict[str, list[Kind]]:
    """The kinds by group, in the order in which they were declared."""
    grouped: dict[str, list[Kind]] = {}
    for one in KINDS.values():
        grouped.setdefault(one.group, []).append(one)
    return grouped


SECURITY = kind("security", "Account security", group="Account", always=True)
ACCOUNT = kind("account", "Codes and confirmations", group="Account", always=True)
MEMBERSHIP = kind("membership", "People joining or leaving your organisation", group="Account")
PROOF = kind("proof", "Verification of your organisation", group="Account")
