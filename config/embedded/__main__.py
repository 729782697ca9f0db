import sys

from config.embedded.errors import Unavailable
from config.embedded.supervisor import run, stop


def main() -> int:
    """Run the whole site, or stop one that runs: `python -m config.embedded [stop]`."""
    try:
        return stop() if sys.argv[1:] == ["stop"] else run()
    except Unavailable as error:
        print(error, file=sys.stderr)
    except OSError as error:
        print(f"The site cannot run here: {error}.", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
