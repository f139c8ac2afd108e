"""The dossier of a sitting, for one reader: order of the day, notices examined, opinions, comparison; printed or taken.

`parts` finds what belongs to it and drops the words again; `telling` writes it piece by piece; `zipping` makes of files
one archive as they come. So a large dossier never stands in memory whole.
"""
