"""Commands that speak to a node: posting through a broken line, the outbox, what is up."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tamani.embedded.child import Child
from tests.component.node.test_process import process
from tests.support.cutting_proxy import cutting_proxy
from tests.support.node_folder import NodeFolder
from tests.support.notices import COMMISSION_ML, TRUSTED, Speaker, api_body, id_of, registry_value
from tests.support.ports import free_ports

HEADINGS = "Titre;Point comparé;Pays;Conformité\n"
GOOD = "Anonymat;temoins/anonymat-audience;Mali;Partiel\nRecours;temoins/recours;Mali;Absent\n"


@dataclass
class Done:
    """How a command ended."""

    status: int
    out: str
    err: str


@dataclass
class Site:
    """A node without a bus, its folder and a token in a file."""

    home: NodeFolder
    port: int
    token: Path
    child: Child

    @property
    def outbox(self) -> tuple[str, str]:
        """The option that names its outbox."""
        return "--file", str(self.home.folder / "outbox.sqlite")

    async def post(self, body: bytes, port: int | None = None, *more: str) -> Done:
        """`tamani post -`."""
        url = f"http://127.0.0.1:{port or self.port}"
        return await tamani("post", "-", "--url", url, "--token-file", str(self.token), *more, given=body)


async def tamani(*arguments: str, given: bytes = b"") -> Done:
    """Run the real program."""
    environment = {"PATH": "/usr/bin:/bin", "TAMANI_LANG": "en"}
    pipe = asyncio.subprocess.PIPE
    running = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tamani", *arguments, stdin=pipe, stdout=pipe, stderr=pipe, env=environment
    )
    out, err = await running.communicate(given)
    return Done(running.returncode or 0, out.decode(), err.decode())


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    """The node of Mali as a process; its broker is out of reach."""
    home, token = NodeFolder(tmp_path / "ml"), tmp_path / "token"
    token.write_text(home.tokens[COMMISSION_ML] + "\n")
    port, nobody = free_ports(2)
    async with process(home, {"kafka_bootstrap": f"127.0.0.1:{nobody}"}, port) as child:
        yield Site(home, port, token, child)


async def test_post_ends_well_only_when_the_node_has_it(site: Site) -> None:
    """A notice, an envelope, and a line that breaks after the node has committed: one row each."""
    first = await site.post(json.dumps(api_body(id=id_of(1))).encode())
    assert (first.status, json.loads(first.out)["id"]) == (0, id_of(1)), first.err
    sealed = await site.post(Speaker(COMMISSION_ML).seals(id=id_of(2), sequence="9"))
    assert (sealed.status, json.loads(sealed.out)["id"]) == (0, id_of(2)), sealed.err
    async with cutting_proxy(("127.0.0.1", site.port), 2) as proxy:
        broken = await site.post(json.dumps(api_body()).encode(), proxy.port)
    assert proxy.cut == 2
    assert broken.status == 0
    assert broken.err.count("failed.node") == 2
    listed = await tamani("outbox", "list", *site.outbox)
    assert len(listed.out.splitlines()) == 3
    assert json.loads(broken.out)["id"] in listed.out


async def test_post_tells_a_refusal_and_an_absent_node(site: Site) -> None:
    """Status 1, the code, the sentence, each fault; a refusal is not insisted on, an absence only so long."""
    wrong = api_body(data=api_body()["data"] | {"status": "peut-être"})
    refused = await site.post(json.dumps(wrong).encode())
    assert refused.status == 1
    assert refused.err.startswith("refused.data: The content does not fit")
    assert "status: " in refused.err
    (nobody,) = free_ports(1)
    absent = await site.post(json.dumps(api_body()).encode(), nobody, "--patience", "1")
    assert absent.status == 1
    assert "failed.node" in absent.err
    lost = await tamani("post", "-", "--token-file", str(site.token) + "x", given=b"{}")
    assert lost.err.startswith("refused.auth.token")


async def test_an_operator_sends_again(site: Site) -> None:
    """By id, all that is open, or since a date; an unknown id changes nothing."""
    for number in (1, 2, 3):
        await site.post(json.dumps(api_body(id=id_of(number))).encode())
    assert (await tamani("outbox", "resend", id_of(2), *site.outbox)).out.strip() == "1"
    assert (await tamani("outbox", "resend", "--open", *site.outbox)).out.strip() == "3"
    assert (await tamani("outbox", "resend", "--since", "2020-01-01", *site.outbox)).out.strip() == "3"
    assert (await tamani("outbox", "resend", "--since", "2999-01-01", *site.outbox)).out.strip() == "0"
    unknown = await tamani("outbox", "resend", id_of(1), id_of(9), *site.outbox)
    assert (unknown.status, unknown.err.split(":")[0]) == (1, "refused.request.notice")
    shown = await tamani("outbox", "list", *site.outbox, "--state", "waiting")
    assert [line.split()[0] for line in shown.out.splitlines()] == [id_of(3), id_of(2), id_of(1)]


async def test_status_says_what_is_up_and_what_waits(site: Site) -> None:
    """Status 0 while all that was asked for is up; 1 when something is down."""
    await site.post(json.dumps(api_body()).encode())
    up = await tamani("status", "--site", f"ml=http://127.0.0.1:{site.port}")
    assert up.status == 0, up.err
    assert "tamani_node_outbox_queued{lane=normal} 1" in up.out
    (nobody,) = free_ports(1)
    down = await tamani("status", "--site", f"ml=http://127.0.0.1:{nobody}", "--json")
    assert down.status == 1
    assert json.loads(down.out)["site ml"]["up"] is False


async def test_a_table_is_said_row_by_row_and_never_twice(site: Site, tmp_path: Path) -> None:
    """Checked, said, said again under the same ids; what the node refuses is told with its row."""
    file, trusted = tmp_path / "lois.csv", tmp_path / "registry.json"
    trusted.write_bytes(registry_value())
    about = ["--type", "law.provision", "--profile", "disposition", "--body", COMMISSION_ML, "--registry", str(trusted)]
    about += [part for key in TRUSTED for part in ("--trust", key)]

    async def said(text: str, *more: str) -> Done:
        file.write_text(text, "utf-8")
        return await tamani("import", str(file), *about, "--url", f"http://127.0.0.1:{site.port}", *more)

    wrong = await said(HEADINGS + GOOD + "X;temoins/service-protection;Mali;Conformme\n", "--check")
    assert (wrong.status, wrong.out.split("\t")[0], "3 rows, 1 to mend" in wrong.err) == (1, "4", True)
    assert "Conformity" in wrong.out
    bare = await said(HEADINGS + GOOD)
    assert (bare.status, bare.out, "refused.auth.token" in bare.err) == (1, "", True)
    token = ("--token-file", str(site.token))
    first, second = [await said(HEADINGS + GOOD, *token) for _ in range(2)]
    assert (first.status, first.out) == (0, second.out)
    assert [line.split("\t")[0] for line in first.out.splitlines()] == ["2", "3"]
    assert "2 / 2" in first.err
    listed = await tamani("outbox", "list", *site.outbox)
    ids = [line.split("\t")[1] for line in first.out.splitlines()]
    assert sorted(ids) == sorted(line.split()[0] for line in listed.out.splitlines())
    refused = await said(HEADINGS + GOOD, *token, "--tlp", "AMBER")
    assert (refused.status, refused.out.count("refused.")) == (1, 2)
