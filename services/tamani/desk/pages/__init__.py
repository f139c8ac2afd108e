"""The desk for people: a list that keeps itself up to date, a page a notice; French first, needs no JavaScript."""
