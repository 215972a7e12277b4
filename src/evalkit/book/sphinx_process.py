"""Jupyter Book as by hand, in a process that ends with the one that started it: ``python -m`` this and its arguments."""

import os
import sys
import threading


def _end_with_the_parent() -> None:
    """Standard input is a pipe that nothing is written to; it ends when the process at the other end is gone."""
    os.read(sys.stdin.fileno(), 1)
    os._exit(1)


if __name__ == "__main__":
    threading.Thread(target=_end_with_the_parent, daemon=True).start()
    from jupyter_book.cli.main import main

    main()
