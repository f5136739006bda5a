"""What sponsoring tells the rooms above, inside the transaction of the act."""

from django.dispatch import Signal

#: projects: list of ids whose sponsor, as the public reads it, may have changed; at_once: it is one project of its own
#: act, else many that wait for the commit.
sponsors_changed = Signal()
