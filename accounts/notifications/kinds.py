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
    roles: tuple[str, ...] = ()  # fields of `accounts.users.queries.Roles`; empty: everybody


def kind(
    slug: str,
    title: str,
    *,
    group: str,
    default: str = "instant",
    always: bool = False,
    action: bool = False,
    roles: tuple[str, ...] = (),
) -> Kind:
    """Declare a kind; `default` is how it is told when the person has not chosen: instant, daily, weekly or app.

    roles: whom it can concern ("student", "employer"); the settings page leaves it out for the others.
    """
    KINDS[slug] = Kind(slug, title, group, default, always, action, roles)
    return KINDS[slug]


def groups() -> dict[str, list[Kind]]:
    """The kinds by group, in the order in which they were declared."""
    grouped: dict[str, list[Kind]] = {}
    for one in KINDS.values():
        grouped.setdefault(one.group, []).append(one)
    return grouped


SECURITY = kind("security", "Account security", group="Account", always=True)
ACCOUNT = kind("account", "Codes and confirmations", group="Account", always=True)
MEMBERSHIP = kind(
    "membership", "People joining or leaving your organisation", group="Account", roles=("employer",)
)
PROOF = kind("proof", "Verification of your organisation", group="Account", roles=("employer",))
