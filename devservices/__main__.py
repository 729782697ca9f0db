"""Command line of the development services."""

import sys

from devservices.errors import ServiceUnavailableError
from devservices.run_command import run_command
from devservices.supervisor import run_supervisor, stop_supervisor

USAGE = """Usage: python -m devservices                     run the whole site
       python -m devservices stop                stop it
       python -m devservices exec -- COMMAND     run a command with database and Redis"""


def main(arguments: list[str]) -> int:
    """Run a subcommand and return its exit code; a known problem is one line on stderr."""
    try:
        match arguments:
            case []:
                return run_supervisor()
            case ["stop"]:
                return stop_supervisor()
            case ["exec", "--", _, *_]:
                return run_command(arguments[2:])
    except ServiceUnavailableError as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"The site cannot run here: {error}.", file=sys.stderr)
        return 1
    print(USAGE, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
