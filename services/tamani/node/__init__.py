"""The posting side of a site: what a body says is sealed, kept until the region has answered for it, and sent.

`api` is the only door; `publish` seals and stores in one transaction; `outbox` keeps; `dispatch` sends in order;
`receipts` closes. A node needs neither Java nor PostgreSQL, and loses nothing by being cut off for a week.
"""
