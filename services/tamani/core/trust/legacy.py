"""The registry of the version before: one document in one DSSE envelope, signed by one key. Read once, to take it over.

No service believes it any more; only the office that holds its key reads it, and begins a line of roots with it.
"""

from pydantic import ValidationError

from tamani.core.envelope import decode_envelope
from tamani.core.errors import RefusedError
from tamani.core.registry import Registry, check_registry
from tamani.core.signing import keyid_of, verify
from tamani.core.strict_json import BadJson, loads
from tamani.core.trust.bundle import MAX_REGISTRY

REGISTRY_TYPE = "application/vnd.tamani.registry+json"


def open_single(value: bytes, public: bytes) -> Registry:
    """The document, if this key (32 bytes) signed it.

    Raises:
        RefusedError: `refused.registry[.signature]`, `refused.key.weak`, `refused.key.reused` …
    """
    try:
        envelope = decode_envelope(value, REGISTRY_TYPE, MAX_REGISTRY)
        if envelope.keyid != keyid_of(public) or not verify(envelope, public):
            raise RefusedError("refused.registry.signature")
        loads(envelope.payload)
        registry = Registry.model_validate_json(envelope.payload, strict=True)
    except (BadJson, ValidationError) as error:
        raise RefusedError("refused.registry", str(error)[:200]) from error
    check_registry(registry)
    return registry
