"""How the accounts' file came to its present shape, one step a file. Run whenever it is opened."""
