"""What this room says to the rooms above it; receivers run inside the sender's transaction."""

from django.dispatch import Signal

# Somebody made an account or chose a role: user, role ("student" or "employer").
role_chosen = Signal()
