"""The three laws side by side: what the mirror holds of files, provisions, texts and opinions, for one reader.

`gathering` asks the mirror; the rest is pure: `matrix` (points and countries), `board` (stages), `scores`, `opinions`
(beside the article), `words` (what changed between two texts), `sheets` (tables to take away).
"""
