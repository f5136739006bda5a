"""What this room says to the rooms above it; receivers run inside the sender's transaction."""

from django.dispatch import Signal

# A moderator stopped an organisation from acting, or let it act again: organisation, as it is now.
suspension_changed = Signal()
