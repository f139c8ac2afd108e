"""Tamani: signed notices from three countries, carried, judged once, archived and shown.

`core` is pure and knows nothing of the machine; `runtime` is how any service runs; `node`, `router`, `archive` and
`desk` are the services, which meet only on Kafka topics and HTTP; `embedded` runs them all on one machine; `cli` is
the command line.
"""

__version__ = "0.1.0"
