"""Run one command in the environment of the development site."""

import signal
import subprocess
from collections.abc import Sequence

from devservices.environment import attach_dev_services
from devservices.errors import ServiceUnavailableError


def run_command(command: Sequence[str]) -> int:
    """Run a command with the services attached and return its exit code.

    A parent process stays, because the last user of a service has to stop it.
    """
    leases = attach_dev_services()
    try:
        process = subprocess.Popen(command)
    except FileNotFoundError as error:
        raise ServiceUnavailableError(f"There is no command {command[0]!r}.") from error
    # Ctrl-C reaches the command through the terminal; this process only waits for its end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda number, _: process.send_signal(number))
    code = process.wait()
    for lease in leases:
        lease.release()
    return code if code >= 0 else 128 - code
