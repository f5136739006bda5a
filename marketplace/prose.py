"""Markdown that people and operators write, rendered to HTML that can do no harm."""

from functools import cache

import nh3
from markdown_it import MarkdownIt

TAGS = {
    "p",
    "br",
    "hr",
    "h2",
    "h3",
    "h4",
    "strong",
    "em",
    "del",
    "a",
    "ul",
    "ol",
    "li",
    "blockquote",
    "code",
    "pre",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
}


@cache
def _parser() -> MarkdownIt:
    # A page has one h1 of its own, so what people write starts one level lower.
    parser = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable(["table", "strikethrough"])
    parser.core.ruler.push("lower_headings", _lower_headings)
    return parser


def _lower_headings(state) -> None:
    """The highest heading that a text uses becomes an h2, the others follow: no level is skipped."""
    headings = [token for token in state.tokens if token.type in ("heading_open", "heading_close")]
    highest = min((int(token.tag[1]) for token in headings), default=1)
    for token in headings:
        token.tag = f"h{min(int(token.tag[1]) - highest + 2, 4)}"


def render(text: str) -> str:
    """Clean HTML for `text`: no scripts, styles, images or inline HTML; links are nofollow."""
    return nh3.clean(
        _parser().render(text),
        tags=TAGS,
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="nofollow noopener noreferrer",
    )
