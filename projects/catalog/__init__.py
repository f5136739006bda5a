"""The catalogue: project templates for each function."""

from .library import ProjectTemplate, TemplateMilestone, all_templates, by_function, get

__all__ = ["ProjectTemplate", "TemplateMilestone", "all_templates", "by_function", "get"]
