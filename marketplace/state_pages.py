"""The tables of moves as a page with diagrams, so that people can read what the code obeys."""

from django.apps import apps

APPS = ("accounts", "projects", "payments")


def machines():
    """Every model of ours that has a table of moves, in the order of its app and name."""
    for name in APPS:
        for model in sorted(apps.get_app_config(name).get_models(), key=lambda m: m.__name__):
            if isinstance(getattr(model, "MOVES", None), dict) and not model._meta.proxy:
                yield model


def page() -> str:
    """`docs/states.md`: a diagram and the words of the states for each machine."""
    parts = [
        "# States\n",
        "Written by `manage.py write_states` from the tables in each room's `states.py`. A state moves only as "
        "drawn here, by one conditional UPDATE, and every move is kept with who, why and when.\n",
    ]
    parts += [section(model) for model in machines()]
    return "\n".join(parts)


def section(model) -> str:
    """The diagram of one machine, and the words of its states."""
    field = model._meta.get_field("state")
    labels = {str(value): str(label) for value, label in field.choices}
    first = str(field.default)
    lines = [
        f"\n## {model._meta.verbose_name.capitalize()} (`{model.__module__.removesuffix('.models')}`)\n",
        "```mermaid",
        "stateDiagram-v2",
        f"    [*] --> {first}",
    ]
    for state, targets in model.MOVES.items():
        lines += [f"    {state} --> {target}" for target in sorted(map(str, targets))]
        if not targets:
            lines.append(f"    {state} --> [*]")
    lines += ["```\n", *[f"- `{value}`: {label}" for value, label in labels.items()], ""]
    return "\n".join(lines)
