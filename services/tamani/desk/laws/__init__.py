"""The three laws side by side: what the mirror holds of files, provisions, texts and opinions, for one reader.

`gathering` asks the mirror; the rest is pure: `matrix` (points and countries), `board` (stages), `scores`, `opinions`
(beside the article), `words` (what changed between two texts), `themes` (of a text), `moves` (the way of a file),
`sheets` (tables to take away).
"""
