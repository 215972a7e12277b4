"""What ARCHITECTURE.md says is made."""

import re
from pathlib import Path


def made_in_architecture(root: Path) -> list[str]:
    """The first column of its table of what is made: paths below the project's folder, a folder with a slash at its end."""
    section = (
        (root / "ARCHITECTURE.md").read_text(encoding="utf-8").partition("## What is made")[2].partition("\n## ")[0]
    )
    return re.findall(r"^\| `([^`]+)`", section, flags=re.MULTILINE)
