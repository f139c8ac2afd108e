"""Whether a form's notice will wait for a second person, why, and whether there is one: said before it is posted."""

import asyncio

from tamani.core.catalogue import catalogue
from tamani.core.roles import Role
from tamani.core.second_person import Why, second_person
from tamani.desk.pages.as_read import Unsealed
from tamani.desk.pages.languages import plain as _
from tamani.desk.service import Desk
from tamani.runtime.accounts.book import Officer

WHY = {
    Why.PUBLIC: _("Ce qui devient public attend toujours une seconde personne."),
    Why.TYPE: _("Un avis de cette nature attend toujours une seconde personne."),
    Why.BODY: _("Votre organisme demande une seconde personne pour tout ce qu'il publie."),
}


async def waits_for(desk: Desk, who: Officer, said: Unsealed) -> dict[str, object] | None:
    """Why it will wait, in words, and whether somebody else of the body may release it; nothing if it goes at once."""
    always = await asyncio.to_thread(desk.accounts.rules.always_two, who.source)
    why = second_person(catalogue()[said.kind], said.profile, said.tlp, said.data, always=always)
    if why is None:
        return None
    colleagues = await asyncio.to_thread(desk.accounts.officers.of_body, who.source)
    others = [one for one in colleagues if one.id != who.id and one.state == "active" and Role.VALIDATOR in one.roles]
    return {"why": WHY[why], "nobody": not others}
