"""Places on the workspace, and words of its next step, that later rooms fill.

A room registers a function from its `listeners.py`: `panels.register("disputes", panel)`, with `panel(user, engagement,
side)` -> the context of its template `projects/disputing/_panel.html`, or None. It reads what `queries.whole` has fetched
and costs a constant number of queries.
"""

from collections.abc import Callable

NAMES = ("disputes",)
_panels: dict[str, Callable] = {}


def register(name: str, function: Callable) -> None:
    """Let `function` fill the place called `name`; a second registration takes the place of the first."""
    if name not in NAMES:
        raise ValueError(f"The workspace has no place called {name!r}.")
    _panels[name] = function


def panels_for(user, engagement, side: str | None) -> dict[str, dict]:
    """What the rooms have to say about `engagement` to the person who looks, by name; empty ones left out."""
    filled = {name: function(user, engagement, side) for name, function in _panels.items()}
    return {name: panel for name, panel in filled.items() if panel}
