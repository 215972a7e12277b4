"""``evalkit`` and ``python -m evalkit``: Ctrl-C is an orderly end from the first moment, while the rest still loads."""

import sys


def main() -> None:
    """Load the command line and run it."""
    try:
        from evalkit.cli import main as run

        run()
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        sys.exit(130)


if __name__ == "__main__":
    main()
