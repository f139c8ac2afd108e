"""Convocations, changes and cancellations by mail (iTIP, RFC 5546 and 6047), to those alone who asked and confirmed."""
