"""Forms from the models of the catalogue: a new type has a usable one at once, a layout file makes it good."""
