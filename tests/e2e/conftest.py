"""The three verifiers, for what a whole region has said."""

from tests.support.verifiers import browser_page, program, wheel

__all__ = ["browser_page", "program", "wheel"]
