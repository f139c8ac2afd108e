"""The target of a system notice: which earlier notice it speaks of."""

from pydantic import Field

from tamani.core.catalogue.base import Data
from tamani.core.catalogue.head import IdRef, SourceRef


class Target(Data):
    """An earlier notice, by source and id."""

    source: SourceRef = Field(title="Organisme", description="Body")
    id: IdRef = Field(title="Avis", description="Notice")
