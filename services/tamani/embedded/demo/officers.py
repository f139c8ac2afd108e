"""The demo's officers: functions of the invented bodies, entered with a click where the registry is a demo's."""

from typing import Final

from tamani.core.names import Country
from tamani.core.roles import Role, Roles
from tamani.embedded.demo.bodies import BODIES, DemoBody, Kind
from tamani.embedded.layout import Layout
from tamani.runtime.accounts.accounts import open_accounts
from tamani.runtime.clock import Clock

# Kind of body → function and login of its officer.
FUNCTIONS: Final[dict[Kind, tuple[str, str]]] = {
    "secretariat": ("Secrétaire de séance", "secretariat"),
    "observatory": ("Chargé de veille", "observatoire"),
    "justice": ("Magistrat de permanence", "justice"),
    "training": ("Coordination des formations", "formation"),
    "framework": ("Secrétaire du cadre", "cadre"),
    "platform": ("Chargé de plaidoyer", "plateforme"),
    "desk": ("Officier de permanence", "bureau"),
}
ROLES: Final[Roles] = frozenset(Role)


def enrol_officers(layout: Layout, clock: Clock) -> None:
    """Make the accounts that are missing; one a body, with every role."""
    for country in Country:
        accounts = open_accounts(layout.site(country), clock)
        try:
            for body in BODIES:
                if body.country is country:
                    accounts.officers.adopt(body.source, *_named(body), ROLES)
        finally:
            accounts.close()


def _named(body: DemoBody) -> tuple[str, str]:
    function, login = FUNCTIONS[body.kind]
    return function, f"{login}.{body.country}"
