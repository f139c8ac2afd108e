"""The default: the whole platform on one machine, with real Apache Kafka and real PostgreSQL, under one supervisor.

`tamani up` needs no system Java, no system database, no container engine and, once installed, no network.
Production runs the same services against its own Kafka and PostgreSQL by settings alone.
"""
