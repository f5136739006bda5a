"""What the vocabulary tells the rooms above, inside the transaction of the act."""

from django.dispatch import Signal

# skills: primary keys of skills that were accepted, renamed, given other names, or merged (both of them)
skill_changed = Signal()
