"""Officers' accounts of a site: who may sign in for which body, with which roles, and what proves that it is they.

One SQLite file a site, shared by its desk (pages) and its node (which asks it who posts). The body's head invites,
resets and closes; the site's operator does the same from the command line. Nothing here knows HTTP.
"""
