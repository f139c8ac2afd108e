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
# What is sensitive or public waits for another person: one a body, who posts nothing.
SECOND: Final = ("Seconde personne (validation)", "visa")
SECOND_ROLES: Final[Roles] = frozenset({Role.READER, Role.VALIDATOR})


def login_of(body: DemoBody) -> str:
    """By what the officer signs in who may do everything for this body."""
    return f"{FUNCTIONS[body.kind][1]}.{body.country}"


def enrol_officers(layout: Layout, clock: Clock) -> None:
    """Make the accounts that are missing: of each body one with every role, and one who validates."""
    for country in Country:
        accounts = open_accounts(layout.site(country), clock)
        try:
            for body in BODIES:
                if body.country is country:
                    function, login = FUNCTIONS[body.kind][0], login_of(body)
                    accounts.officers.adopt(body.source, function, login, ROLES)
                    accounts.officers.adopt(body.source, SECOND[0], f"{SECOND[1]}.{login}", SECOND_ROLES)
        finally:
            accounts.close()
