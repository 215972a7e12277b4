"""What was written for a page, as one text: its long HTML stands in files beside it."""

import re
from pathlib import Path


def whole_text(page: Path) -> str:
    """The Markdown of a page, with the HTML beside it put back."""
    text = page.read_text(encoding="utf-8")
    return re.sub(
        r"^:file: (.*)\n", lambda match: (page.parent / match[1]).read_text(encoding="utf-8"), text, flags=re.MULTILINE
    )
