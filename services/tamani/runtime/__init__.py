"""How any service runs: settings, logs, clock, Kafka, Faust, databases, HTTP, and the fakes that we ship."""
