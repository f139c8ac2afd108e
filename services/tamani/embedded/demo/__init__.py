"""The demo: invented bodies that speak through the API as real ones would, and a few liars that speak to Kafka.

Nothing here is a mock: bodies are enrolled in a real registry (marked `demo`, so that every page says so), notices
are posted over HTTP with tokens, and the figures printed at the end are read back from the ledger and the receipts.
"""
