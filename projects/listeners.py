"""Hears what payments says, inside the same transaction. Each room connects its own receivers in `listeners` below."""
