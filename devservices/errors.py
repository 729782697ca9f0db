class ServiceUnavailableError(Exception):
    """The site cannot run here; the message is one sentence that says why and what to do."""
