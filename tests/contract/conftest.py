"""The three verifiers, for the contract that they share."""

from tests.support.verifiers import browser_page, program, wheel

__all__ = ["browser_page", "program", "wheel"]
