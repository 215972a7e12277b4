"""What slides and Word pages share: texts that XML can hold, and files that are the same bytes whenever they are made."""

import io
import re
import zipfile
from datetime import date, datetime, time
from typing import Any

LANGUAGE = "en-GB"
EARLIEST = (1980, 1, 1, 0, 0, 0)  # that a zip archive can hold
WORKBOOK = ".xlsx"  # within a slide: the numbers of its chart
CORE = "docProps/core.xml"
DATED = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*(</dcterms:\2>)")
UNNAMED = re.compile(rb"(<dc:creator>|<cp:lastModifiedBy>)[^<]*(</dc:creator>|</cp:lastModifiedBy>)")
NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def line(text: str) -> str:
    """A text on one line, without characters that XML cannot hold."""
    return NO_XML.sub("", " ".join(text.split()))


def describe(file: Any, title: str, when: date) -> None:
    """Title, language and date of a presentation or document of python-pptx or python-docx; nobody's name.

    Parameters
    ----------
    when : a day that does not move while nothing changes, such as that of the protocol
    """
    about = file.core_properties
    about.title, about.language = line(title)[:255], LANGUAGE
    about.author = about.last_modified_by = about.comments = about.keywords = about.subject = ""
    about.created = about.modified = datetime.combine(when, time())
    about.revision = 1


def saved(file: Any, when: date) -> bytes:
    """The bytes of a presentation or document: neither the clock nor who makes it shows in them."""
    out = io.BytesIO()
    file.save(out)
    return _repacked(out.getvalue(), when)


def _repacked(archive: bytes, when: date) -> bytes:
    """The same parts in the same order, each with the earliest date, and what tells when and by whom set."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as parts, zipfile.ZipFile(out, "w") as made:
        for part in parts.infolist():
            content = parts.read(part)
            if part.filename.endswith(WORKBOOK):
                content = _repacked(content, when)
            elif part.filename == CORE:
                content = DATED.sub(rb"\g<1>%sT00:00:00Z\3" % when.isoformat().encode(), content)
                content = UNNAMED.sub(rb"\1\2", content)
            info = zipfile.ZipInfo(part.filename, EARLIEST)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = 3  # whatever machine this is
            made.writestr(info, content)
    return out.getvalue()
