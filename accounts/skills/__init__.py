"""Skills: the vocabulary that students and projects share, and the twelve functions it is sorted by."""
