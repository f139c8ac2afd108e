"""What `tamani up` tells the person who started it: French and English, line by line, so that a log reads well too."""

from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tamani.core.errors import TamaniError


class Screen:
    """The terminal of the supervisor."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(highlight=False, soft_wrap=True)

    def say(self, fr: str, en: str) -> None:
        """One thing, in both languages."""
        self._console.print(f"{escape(fr)} [dim]· {escape(en)}[/]")

    def ready(self, name: str, address: str, seconds: float) -> None:
        """A part answers."""
        self._console.print(f"[green]✓[/] {name:<12} {address:<28} [dim]prêt · ready  {seconds:.1f} s[/]")

    def ended(self, name: str, status: int, wait: float, log: Path) -> None:
        """A part ended by itself and will be started again."""
        cause = f"signal {-status}" if status < 0 else f"code {status}"
        self._console.print(
            f"[yellow]![/] {name:<12} arrêté ({cause}), reprise dans {wait:.1f} s [dim]· ended, "
            f"starting again in {wait:.1f} s · {escape(str(log))}[/]"
        )

    def failed(self, error: TamaniError) -> None:
        """Something stopped us: the code, what it means, and this case."""
        self._console.print(f"[red]✗ {error.code.name}[/] {escape(error.code.fr)}")
        self._console.print(f"  [dim]{escape(error.code.en)}[/]")
        if error.detail:
            self._console.print(f"  {escape(error.detail)}")

    def warned(self, error: TamaniError) -> None:
        """Something is wrong but we go on."""
        self._console.print(
            f"[yellow]! {error.code.name}[/] {escape(error.code.fr)} [dim]· {escape(error.code.en)}[/] "
            f"{escape(error.detail)}"
        )

    def addresses(self, rows: list[tuple[str, str, str]]) -> None:
        """Where everything is: name, address, where its log is."""
        table = Table("", "adresse · address", "journal · log", box=None, pad_edge=False)
        for row in rows:
            table.add_row(*(escape(cell) for cell in row))
        self._console.print(table)

    def text(self, line: str) -> None:
        """A line as it stands."""
        self._console.print(escape(line))
