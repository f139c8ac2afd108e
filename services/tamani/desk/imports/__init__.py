"""Notices from a table that was filled in offline: a template out, a file in, a summary, then one notice a row.

Nothing of a file is published before a person has read what would be. A file is data: no formula is evaluated, no
link followed, no macro looked at.
"""
