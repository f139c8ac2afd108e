"""How a node's SQLite file came to its present shape, one step a file. Run by `node.database` whenever it is opened."""
