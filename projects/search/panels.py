"""Places on the project page that later rooms fill.

The page belongs here, but what it says about applying, or about an employer's answers, is known by rooms above.
They register a function from their `listeners.py`:

    panels.register("apply", panel)          # panel(request, project) -> None or {"template": "...", ...}

The template is included with the page's context, and with what the function returned as `panel`. Names:
`apply` (beside the brief: the button and the state of one's application), `fit` (why it was shown to this
person), `record` (how the employer has answered so far). A function reads, and costs a constant number of
queries.
"""

from collections.abc import Callable

NAMES = ("apply", "fit", "record")
_panels: dict[str, Callable] = {}


def register(name: str, function: Callable) -> None:
    """Let `function` fill the place called `name`; a second registration takes the place of the first."""
    if name not in NAMES:
        raise ValueError(f"The project page has no place called {name!r}.")
    _panels[name] = function


def panels_for(request, project) -> dict[str, dict]:
    """What the registered rooms have to say about `project` to the person who asks, by name; empty ones left out."""
    filled = {name: function(request, project) for name, function in _panels.items()}
    return {name: panel for name, panel in filled.items() if panel}
