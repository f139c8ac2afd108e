"""What whoever serves the log or a copy of it is asked for, the same at the archive and at a witness."""

from typing import Annotated

from pydantic import BaseModel, Field

Env = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Wanted(BaseModel):
    """Whose proofs: SHA-256 over pre-authentication encoding and signature, in hex."""

    env: list[Env] = Field(max_length=500)
