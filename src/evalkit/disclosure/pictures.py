"""PNG pictures as the scan for leaks reads them: inside texts, and the texts inside them."""

import base64
import binascii
import re
import struct
import zlib
from collections.abc import Iterator
from contextlib import suppress

PNG = b"\x89PNG\r\n\x1a\n"
PNG_AS_TEXT = re.compile(rb"iVBORw0KGgo[A-Za-z0-9+/]+=*")


def without_pictures(raw: bytes) -> tuple[bytes, list[bytes]]:
    """A text without the PNG pictures in it, which are most of a notebook, and those pictures."""
    pictures = []

    def taken(match: re.Match) -> bytes:
        with suppress(binascii.Error):
            pictures.append(base64.b64decode(match[0]))
            return b""
        return match[0]

    return (PNG_AS_TEXT.sub(taken, raw) if b"iVBORw0KGgo" in raw else raw), pictures


def chunks(raw: bytes) -> Iterator[str]:
    """The texts of a PNG picture: its chunks tEXt, zTXt and iTXt, each its keyword and what it says."""
    at = len(PNG)
    while at + 8 <= len(raw):
        length, kind = struct.unpack_from(">I4s", raw, at)
        if kind in (b"tEXt", b"zTXt", b"iTXt"):
            keyword, _, rest = raw[at + 8 : at + 8 + length].partition(b"\0")
            if kind == b"zTXt":
                rest = zlib.decompress(rest[1:])
            elif kind == b"iTXt":
                packed, (_, _, rest) = rest[:1] == b"\1", rest[2:].split(b"\0", 2)
                rest = zlib.decompress(rest) if packed else rest
            encoding = "utf-8" if kind == b"iTXt" else "latin-1"
            yield f"{keyword.decode('latin-1')}: {rest.decode(encoding, errors='replace')}"
        at += length + 12
