"""The desk: the reading side of a site. It mirrors its country's feed, verifies again, and shows, to each their own.

`mirror` takes the feed into the site's own PostgreSQL; `queries` reads it back through the one policy function;
`api`, `stream`, `atom` and `pages` are the exits. The desk goes on reading when the region is away.
"""
