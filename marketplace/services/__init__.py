"""The servers that Foothold brings along, and the supervisor behind `manage.py serve`.

Nothing here imports Django: the servers must run before the settings can name them.
"""
