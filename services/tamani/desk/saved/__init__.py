"""Searches that an officer keeps under a name: their list, their pages, the addresses by which programs follow them.

They are rows of this site's own database. What a desk watches is nobody's business: it is never a notice, and no name
and no filter of it is in what an address answers.
"""
