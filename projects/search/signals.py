"""What the lists tell the rooms above."""

from django.dispatch import Signal

# user (signed in), name ("browse"), ids of the projects in the order shown, start: the position of the first, from 1
list_shown = Signal()
