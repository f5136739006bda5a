"""What posting tells the rooms above, inside the transaction of the act and with the project row locked."""

from django.dispatch import Signal

project_published = Signal()  # project
project_closed = Signal()  # project, reason, by: whoever is still waiting for an answer gets one
project_hidden = (
    Signal()
)  # project: out of sight for now, paused or its employer suspended; told without its lock
project_shown = Signal()  # project: to be seen again
window_moved = Signal()  # project, old: the apply_by that people were told
