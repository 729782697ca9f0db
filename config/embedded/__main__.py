import sys

from config.embedded.errors import ServiceUnavailableError
from config.embedded.supervisor import run_supervisor, stop


def main() -> int:
    """Run the whole site, or stop one that runs: `python -m config.embedded [stop]`."""
    try:
        return stop() if sys.argv[1:] == ["stop"] else run_supervisor()
    except ServiceUnavailableError as error:
        print(error, file=sys.stderr)
    except OSError as error:
        print(f"The site cannot run here: {error}.", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
