"""What applying tells the rooms above, inside the transaction of the act and with project and application locked."""

from django.dispatch import Signal

application_sent = Signal()  # application: it has just become one
application_withdrawn = Signal()  # application, by: sent before the state changes; an open offer goes with it
