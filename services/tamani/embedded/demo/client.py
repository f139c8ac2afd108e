"""A client of one site, as any would be written: a token, an id of its own choice, and again until the site has it."""

import asyncio
import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import httpx

from tamani.core.errors import DefectError, OutageError

BETWEEN: Final = 0.2  # seconds between two questions to a site: a client has no other way to learn of an answer

_TOKEN: Final = re.compile(r'name="jeton_formulaire" value="([^"]+)"')


class SiteClient:
    """Posts for the bodies of one site. `tokens` is by source; `browser` holds the session of an officer."""

    def __init__(
        self, http: httpx.AsyncClient, browser: httpx.AsyncClient, tokens: Mapping[str, str], patience: float
    ) -> None:
        self._http = http
        self._browser = browser
        self._tokens = tokens
        self._patience = patience

    async def post(self, source: str, body: dict[str, Any]) -> dict[str, Any]:
        """The site's answer to a notice; repeated while the site is away, which is safe: the id is ours.

        Raises:
            DefectError: `failed.demo`, the site refuses the notice.
            OutageError: `failed.node`, the site did not answer in time.
        """
        return await self._until_taken(source, "/v1/messages", json=body)

    async def hand_over(self, source: str, envelope: bytes) -> dict[str, Any]:
        """The same for an envelope that the body sealed itself."""
        return await self._until_taken(
            source, "/v1/envelopes", content=envelope, headers={"content-type": "application/json"}
        )

    async def bring(self, login: str, kind: str, profile: str, files: Sequence[tuple[str, bytes]]) -> None:
        """Leave files at the site, as an officer does who chooses them on a form of this type and goes no further.

        A notice that names them may then be posted by any way; until it is archived, the site keeps them for months.

        Raises:
            DefectError: `failed.demo`, the site does not take them.
            OutageError: `failed.node`, the site did not answer in time.
        """
        origin = {"origin": str(self._browser.base_url).rstrip("/"), "accept": "text/html"}
        form = f"/publier/{kind}"
        async with _in_time(self._patience, "failed.node", form):
            while True:
                try:
                    _there(await self._browser.post("/connexion/demo", data={"identifiant": login}, headers=origin))
                    token = _TOKEN.search(_there(await self._browser.get(form, headers=origin)).text)
                    data = {"jeton_formulaire": token[1] if token else "", "acte": "lignes", "profil": profile}
                    chosen = [("pieces", (name, raw)) for name, raw in files]
                    answer = _there(await self._browser.post(form, data=data, files=chosen, headers=origin))
                    break
                except httpx.TransportError:
                    await asyncio.sleep(BETWEEN)
        lacking = [name for name, raw in files if hashlib.sha256(raw).hexdigest() not in answer.text]
        if answer.status_code != httpx.codes.OK or lacking:
            raise DefectError("failed.demo", f"{form}: {answer.status_code} {' '.join(lacking)}")

    async def archived(self, source: str, id_: str) -> None:
        """Wait until the region has archived a notice of this body.

        Raises:
            DefectError: `failed.demo`, the region refused it.
            OutageError: `failed.archive`, no answer in time.
        """
        async with _in_time(self._patience, "failed.archive", id_):
            while (state := await self._state(source, id_))["state"] != "archived":
                if state["state"] == "refused":
                    raise DefectError("failed.demo", f"{source} {id_}: {state['code']} {state['detail']}")
                await asyncio.sleep(BETWEEN)

    async def shown(self, reader: str, source: str, id_: str) -> None:
        """Wait until the desk of this site shows a notice to this body: what its node judges a thread by.

        Raises:
            OutageError: `failed.archive`, not in time.
        """
        async with _in_time(self._patience, "failed.archive", id_):
            while True:
                if await self._is_shown(reader, source, id_):
                    return
                await asyncio.sleep(BETWEEN)

    async def _is_shown(self, reader: str, source: str, id_: str) -> bool:
        try:
            answer = await self._http.get(f"/avis{source}/{id_}", headers=self._bearer(reader))
        except httpx.TransportError:
            return False
        return answer.status_code == httpx.codes.OK

    async def _state(self, source: str, id_: str) -> dict[str, Any]:
        try:
            answer = await self._http.get(f"/v1/messages/{id_}", headers=self._bearer(source))
        except httpx.TransportError:
            return {"state": "unknown"}
        if answer.status_code >= 500:
            return {"state": "unknown"}
        return _checked(answer, source)

    async def _until_taken(self, source: str, path: str, **request: Any) -> dict[str, Any]:
        headers = self._bearer(source) | request.pop("headers", {})
        async with _in_time(self._patience, "failed.node", path):
            while True:
                try:
                    return _checked(_there(await self._http.post(path, headers=headers, **request)), source)
                except httpx.TransportError:
                    await asyncio.sleep(BETWEEN)

    def _bearer(self, source: str) -> dict[str, str]:
        return {"authorization": f"Bearer {self._tokens[source]}"}


def _there(answer: httpx.Response) -> httpx.Response:
    """The answer of a site that is there; one that cannot answer now is as good as away.

    Raises:
        TransportError: it says so itself.
    """
    if answer.status_code == httpx.codes.TOO_MANY_REQUESTS or answer.is_server_error:
        raise httpx.TransportError(str(answer.status_code))
    return answer


def _checked(answer: httpx.Response, source: str) -> dict[str, Any]:
    body: dict[str, Any] = answer.json()
    if answer.status_code >= 400:
        raise DefectError("failed.demo", f"{source}: {body.get('code')} {body.get('detail')}")
    return body


class _in_time:  # noqa: N801 - reads as a word of the sentence
    """`asyncio.timeout` that says what was waited for, with a code."""

    def __init__(self, seconds: float, code: str, what: str) -> None:
        self._timeout = asyncio.timeout(seconds)
        self._code = code
        self._what = what

    async def __aenter__(self) -> None:
        await self._timeout.__aenter__()

    async def __aexit__(self, *cause: Any) -> None:
        try:
            await self._timeout.__aexit__(*cause)
        except TimeoutError as error:
            raise OutageError(self._code, self._what) from error
