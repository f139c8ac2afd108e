"""The pure heart: what a notice is, how it is signed, judged, read and folded. No I/O, clock, Kafka, HTTP or SQL here.

The same code runs in a node, the router, the archive, a desk and on an auditor's laptop; that is why it stays pure.
"""
