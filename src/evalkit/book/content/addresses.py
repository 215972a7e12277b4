"""Where a source was read, as a link as far as it is an address."""

import re

from markupsafe import Markup, escape

# A name of a host in plain letters, and a path: no scheme but the web's, no user, no port.
ADDRESS = re.compile(r"(https?://)?[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z]{2,}(/\S*)?", re.IGNORECASE)
# Among other words a dot means little (`report.pdf`): there only what ends so is taken for the name of a host.
HOSTS = re.compile(r"(https?://)?[a-z0-9.-]+\.(uk|org|com|net|int|eu|edu|info)(/\S*)?", re.IGNORECASE)
AFTER_A_SENTENCE = ".,;:!?)'\""


def linked(where: str) -> Markup:
    """The words of ``where``, escaped, in which addresses of the web are links; any other scheme stays words."""
    whole = where.strip()
    if ADDRESS.fullmatch(whole):
        return _link(whole)
    return Markup("").join(_word(part) for part in re.split(r"(\s+)", whole))


def _word(part: str) -> Markup:
    address = part.rstrip(AFTER_A_SENTENCE)
    if ADDRESS.fullmatch(address) and HOSTS.fullmatch(address):
        return _link(address) + escape(part[len(address) :])
    return escape(part)


def _link(address: str) -> Markup:
    scheme = "" if address.lower().startswith(("http://", "https://")) else "https://"
    return Markup('<a href="{}">{}</a>').format(scheme + address, address)
