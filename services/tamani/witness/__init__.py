"""A country's witness of the archive's log: it cosigns that the log only grows, and keeps a copy of what it holds.

It trusts nobody: not the archive, not the other witnesses, not those who bring it checkpoints. It needs neither Kafka
nor PostgreSQL, and reaches out to the archive and to the other witnesses only. Blocking code in threads: there is one
request every few seconds, and everything that matters happens in one order, under one lock.
"""
