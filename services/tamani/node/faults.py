"""The faults of a posted notice, as the API tells them: those of the core."""

from tamani.core.faults import Fault, InvalidError, faults_of

__all__ = ["Fault", "InvalidError", "faults_of"]
