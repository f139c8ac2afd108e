"""Enrolling the demo: real keys and tokens, nothing that moves at a restart, nothing printed."""

import stat
from datetime import timedelta
from pathlib import Path

import pytest

from tamani.core.names import Country
from tamani.core.policy import key_state
from tamani.core.roles import Role
from tamani.embedded.demo.bodies import BODIES, RIGHTS, body_of, named
from tamani.embedded.demo.enrol import token_file, token_of
from tamani.embedded.demo.keys import OWN_KEYS
from tamani.embedded.demo.officers import enrol_officers
from tamani.embedded.demo.story import prepare
from tamani.embedded.enrol import Office
from tamani.embedded.layout import Layout
from tamani.node.keystore import list_keys, open_keystore, read_passphrase
from tamani.runtime.accounts.accounts import open_accounts
from tamani.runtime.tokens import TokenStore
from tests.unit.demo.world import START


@pytest.fixture(scope="module")
def enrolled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Layout, Office]:
    """A data folder after the first preparation."""
    layout = Layout(tmp_path_factory.mktemp("demo"))
    office = Office(layout)
    prepare(layout, office, lambda: START)
    return layout, office


def test_each_body_has_a_key_on_its_site_and_rights(enrolled: tuple[Layout, Office]) -> None:
    """The registry knows the key that lies encrypted at the site, with the rights of the body's kind."""
    layout, office = enrolled
    registry = office.current
    assert registry.demo
    for country in Country:
        folder = layout.site(country) / "keys"
        store = open_keystore(folder, read_passphrase(office.passphrase_file(country)))
        for file in list_keys(folder):
            row = registry.key(file.keyid)
            assert row is not None
            assert (row.body, row.node, row.rights) == (file.body, country.value, RIGHTS[body_of(file.body).kind])
            assert key_state(row, START) is None
            assert file.keyid in store.keyids
    posting = {row.body for row in registry.keys if key_state(row, START) is None}
    assert posting == {body.source for body in BODIES}


def test_a_restart_enrols_the_same(enrolled: tuple[Layout, Office]) -> None:
    """Version, keys and tokens stand still, also months later."""
    layout, office = enrolled
    before = (office.value, {body: token_of(layout, body) for body in BODIES})
    prepare(layout, Office(layout), lambda: START + timedelta(days=200))
    assert (Office(layout).value, {body: token_of(layout, body) for body in BODIES}) == before


def test_tokens_are_private_files_that_open_the_posting_side(enrolled: tuple[Layout, Office]) -> None:
    """0600, one a body, and a revoked one is replaced."""
    layout, _ = enrolled
    for body in BODIES:
        path = token_file(layout, body)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        store = TokenStore(layout.site(body.country) / "tokens.sqlite")
        token = store.find(path.read_text().strip())
        assert token.source == body.source
        assert token.may_post
    old = token_of(layout, BODIES[0])
    TokenStore(layout.site(BODIES[0].country) / "tokens.sqlite").revoke(old)
    assert token_of(layout, BODIES[0]) != old
    store = TokenStore(layout.site(BODIES[0].country) / "tokens.sqlite")
    token_file(layout, BODIES[0]).write_text(store.issue(BODIES[0].source, "poster"))
    assert store.find(token_of(layout, BODIES[0])).vouches, "what an earlier version issued would wait for somebody"


def test_keys_off_the_nodes_are_private_too(enrolled: tuple[Layout, Office]) -> None:
    """Their seeds are files of the owner alone."""
    layout, _ = enrolled
    seeds = list((layout.data / "demo" / "keys").iterdir())
    assert len(seeds) == len(OWN_KEYS)
    assert {stat.S_IMODE(path.stat().st_mode) for path in seeds} == {0o600}


def test_bodies_are_invented_and_say_so() -> None:
    """At least twelve from four origins; each name says *démo*, in both languages."""
    assert len(BODIES) >= 12
    assert {body.country for body in BODIES} == set(Country)
    assert {body.kind for body in BODIES} == set(RIGHTS)
    assert all("(démo)" in body.fr and "(demo)" in body.en for body in BODIES)


def test_an_audience_is_written_by_kind_and_carried_as_names() -> None:
    """`@justice` is three bodies, sorted; a body that does not exist is a mistake of the file."""
    assert named(("@justice", "/bf/commune-trois-puits")) == (
        "/bf/commune-trois-puits",
        "/ml/commune-grand-gue",
        "/ne/commune-mare-blanche",
    )
    for wrong in ("@juges", "/bf/personne"):
        with pytest.raises(KeyError):
            named((wrong,))


def test_the_plan_is_whole_or_absent(tmp_path: Path) -> None:
    """What is marked done stays done; a step is marked once."""
    layout = Layout(tmp_path)
    plan = prepare(layout, Office(layout), lambda: START)
    plan.mark_done("x")
    plan.mark_done("x")
    again = prepare(layout, Office(layout), lambda: START + timedelta(days=1))
    assert again.is_done("x")
    assert again.started == START.replace(microsecond=0)
    assert (tmp_path / "demo" / "plan.json").read_text().count('"x"') == 1


def test_each_body_has_two_officers_who_are_entered_with_a_click(enrolled: tuple[Layout, Office]) -> None:
    """At the site of its country, one with every role and one who validates; a second start makes none again."""
    layout, _ = enrolled
    for _ in range(2):
        enrol_officers(layout, lambda: START)
    for country in Country:
        accounts = open_accounts(layout.site(country), lambda: START)
        made = accounts.officers.of_body(None)
        accounts.close()
        assert {one.source for one in made} == {body.source for body in BODIES if body.country is country}
        assert len({one.login for one in made}) == len(made) == 2 * sum(body.country is country for body in BODIES)
        assert all(one.demo for one in made)
        for source in {one.source for one in made}:
            roles = [one.roles for one in made if one.source == source]
            assert sorted(roles, key=len) == [frozenset({Role.READER, Role.VALIDATOR}), frozenset(Role)]
