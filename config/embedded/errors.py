class ServiceUnavailableError(Exception):
    """Say in one sentence why the site cannot run here, and what to do about it."""
