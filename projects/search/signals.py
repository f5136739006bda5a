"""What the room of search says, for rooms above."""

from django.dispatch import Signal

# Somebody signed in was shown a list of projects: reader (user), kind ("browse" or "similar"), order (the name of
# the order, or the number of the project that they are like), shown ([(project id, fit 0 to 1 or None)]), start (how
# many stood on the pages before). Visitors are not told of: their pages are kept and made for nobody in particular.
listed = Signal()
