"""What the archive finds out about others: two contents under one id, numbers that lack, nodes that fall silent."""
