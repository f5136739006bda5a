"""What hiring and working tell the rooms above them, inside the same transaction."""

from django.dispatch import Signal

engagement_ended = Signal()  # engagement: completed or cancelled
