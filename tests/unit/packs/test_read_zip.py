"""Zips of somebody who means harm: each is refused in one sentence, and nothing is written."""

import io
import json
import stat
import struct
import tracemalloc
import zipfile
import zlib
from contextlib import suppress
from pathlib import PurePosixPath

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from evalkit.errors import InputRefused
from evalkit.packs import manifest as form
from evalkit.packs import read_zip
from evalkit.packs.read_zip import read_pack
from tests.support.packing import members, repacked, zipped

SITE = "data/sites/x.yml"


def problems(raw: bytes) -> list[str]:
    with pytest.raises(InputRefused) as error:
        read_pack(raw, "x.zip")
    return [str(problem) for problem in error.value.problems]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("/etc/passwd", "begins at the root"),
        ("../outside.yml", "leads out"),
        ("data/sites/../../outside.yml", "leads out"),
        ("data/./sites/x.yml", "leads out"),
        ("data\\sites\\x.yml", "backslash"),
        ("C:/data/sites/x.yml", "letter of a drive"),
        ("c:x.yml", "letter of a drive"),
        ("//server/share/x.yml", "begins at the root"),
        ("data/sites/", "is a folder"),
        ("data/sites/x\n.yml", "cannot be seen"),
        ("data/sites/\u202ex.yml", "cannot be seen"),
        ("data/sites/x.yml\x00.py", "cannot be seen"),
        ("data/tables/more.zip", "archive within"),
        ("book/notebooks/interrupted-time-series.ipynb", "is code"),
        ("book/notebooks/evil.ipynb", "is code"),
        ("src/evalkit/__init__.py", "is code"),
        ("_config.yml", "not in its place"),
        ("data/vocabularies.yml", "not in its place"),
        ("data/private/own.csv", "not in its place"),
        ("data/private/gated.json", "not in its place"),
        ("data/tables/.hidden.csv", "not in its place"),
        ("data/tables/con.csv", "not in its place"),
        ("data/sites/con.yml", "not in its place"),
        ("data/sites/X.yml", "not in its place"),
        ("data/sites/x.md", "not in its place"),
        ("data/learning/x.yml", "not in its place"),
        ("data/sites/deeper/x.yml", "not in its place"),
        ("data/releases/x/1.csv", "not in its place"),
        (f"data/sites/{'x' * 81}.yml", "not in its place"),
        ("data/tables/" + "x" * 200 + ".csv", "not in its place"),
    ],
)  # fmt: skip
def test_a_name_that_no_pack_has(refuse, packed, name, said):
    if "\x00" in name:  # which zipfile does not write
        raw = zipped([("data/sites/x.yml@.py", b"x"), *members(packed).items()])
        raw = raw.replace(b"data/sites/x.yml@.py", name.encode())
    else:
        raw = zipped([(name, b"x"), *members(packed).items()])
    (sentence,) = refuse(raw)
    assert said in sentence


@given(st.text(min_size=1, max_size=60) | st.from_regex(r"[./\\A-Za-z:-]{1,40}", fullmatch=True))
@example("data/sites/a.yml")
@example("data/evaluations/..yml")
@example("data/releases/../001.csv")
def test_no_name_leads_out_of_the_places_of_records(name):
    if form.belongs(name):
        path = PurePosixPath(name)
        assert not path.is_absolute()
        assert ".." not in path.parts
        assert name.isascii()
        assert name == "manifest.json" or path.parts[0] == "data"
        assert path.suffix in (".yml", ".md", ".csv", ".json")
        assert "private" not in path.parts[:-1] or path.parts[:2] == ("data", "releases")


@given(st.lists(st.text(max_size=30), max_size=4), st.binary(max_size=40))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
def test_whatever_files_are_called_it_is_a_refusal(names, content):
    try:
        raw = zipped([(name, content) for name in dict.fromkeys(names)])
    except (ValueError, IndexError):
        return  # zipfile cannot write them
    assert problems(raw)


@given(st.data())
@settings(max_examples=60)
def test_whatever_byte_is_changed_it_is_the_same_pack_or_a_refusal(packed, data):
    at = data.draw(st.integers(0, len(packed) - 1))
    raw = packed[:at] + bytes([data.draw(st.integers(0, 255))]) + packed[at + 1 :]
    with suppress(InputRefused):
        assert read_pack(raw, "x.zip").files == read_pack(packed, "x.zip").files


@pytest.mark.parametrize("cut", [0, 3, 30, 0.5, 0.99])
def test_a_part_of_a_pack(refuse, packed, cut):
    refuse(packed[: cut if isinstance(cut, int) else int(len(packed) * cut)])


def test_what_is_no_zip(refuse, packed):
    refuse(b"", "is not a zip")
    refuse(b"hello", "is not a zip")
    refuse(b"#!/bin/sh\n" + packed, "is not a zip")  # runs, and is a zip to those that look at its end


def _info(name: str, mode: int = 0, system: int = 3) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.create_system, info.external_attr = system, mode << 16
    return info


@pytest.mark.parametrize(
    ("mode", "said"),
    [
        (stat.S_IFLNK | 0o777, "is a link"),
        (stat.S_IFIFO | 0o644, "pipe or a device"),
        (stat.S_IFCHR | 0o644, "pipe or a device"),
        (stat.S_IFBLK | 0o644, "pipe or a device"),
        (stat.S_IFSOCK | 0o644, "pipe or a device"),
        (stat.S_IFDIR | 0o755, "is a folder"),
    ],
)
def test_what_is_no_file(refuse, packed, mode, said):
    (sentence,) = refuse(zipped([*members(packed).items(), (_info(SITE, mode), b"/etc/passwd")]))
    assert said in sentence


def test_a_file_twice(refuse, packed):
    with pytest.warns(UserWarning, match="Duplicate name"):
        raw = zipped([*members(packed).items(), (SITE, b"a"), (SITE, b"b")])
    refuse(raw, SITE, "twice")


def test_files_that_differ_only_in_their_capitals(refuse, packed):
    raw = zipped([*members(packed).items(), ("data/tables/A.csv", b"a"), ("data/tables/a.csv", b"b")])
    refuse(raw, "data/tables/a.csv", "capitals")


def test_what_is_encrypted(refuse, packed):
    raw = bytearray(zipped([(SITE, b"x"), *members(packed).items()]))
    raw[6] |= 1  # in the file's own header, and in the list
    raw[raw.index(read_zip.ENTRY) + 8] |= 1
    refuse(bytes(raw), SITE, "encrypted")


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_another_way_to_compress(refuse, packed, method):
    info = _info(SITE)
    info.compress_type = method
    out = io.BytesIO(packed)
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr(info, b"x" * 1000)
    refuse(out.getvalue(), SITE, "compressed in a way")


class TestBombs:
    def test_a_file_that_grows_a_thousandfold(self, packed):
        raw = zipped([(SITE, bytes(900_000)), *members(packed).items()])
        assert len(raw) < len(packed) + 2_000
        (sentence,) = problems(raw)
        assert "100 times its size" in sentence

    def test_a_file_that_is_larger_than_its_place_allows(self, packed):
        (sentence,) = problems(zipped([(SITE, bytes(1_000_001)), *members(packed).items()]))
        assert "1,000,001 bytes" in sentence

    def test_many_files_that_come_to_too_much(self, packed, monkeypatch):
        monkeypatch.setattr(read_zip, "UNPACKED_AT_MOST", 10_000)
        (sentence,) = problems(packed)
        assert "unpacks to more than 10,000 bytes" in sentence

    def test_more_files_than_a_pack_has_are_counted_before_they_are_listed(self):
        many = read_zip.ZIP + read_zip.ENTRY * (read_zip.MEMBERS_AT_MOST + 1)
        (sentence,) = problems(many)
        assert "more than 2,000 files" in sentence

    @pytest.mark.parametrize("said", [10, 60_000])
    def test_one_that_says_that_it_is_small(self, packed, said):
        """Its size in the list is a lie: at most that much is read, and never what it would grow to."""
        grown = zlib.compress(bytes(50_000_000), 9)[2:-4]
        name = SITE.encode()
        sizes = struct.pack("<III", zlib.crc32(bytes(said)), len(grown), said)
        local = b"PK\x03\x04" + struct.pack("<HHHHH", 20, 0, 8, 0, 33) + sizes + struct.pack("<HH", len(name), 0) + name
        central = (
            b"PK\x01\x02" + struct.pack("<HHHHHH", 20, 20, 0, 8, 0, 33) + sizes
            + struct.pack("<HHHHHII", len(name), 0, 0, 0, 0, 0, 0) + name
        )  # fmt: skip
        body = local + grown
        raw = body + central + b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(central), len(body), 0)
        tracemalloc.start()
        assert problems(raw)
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
        tracemalloc.stop()

    def test_files_that_share_their_bytes(self, packed):
        """Two names in the list for one place in the file: what each holds is another than its header says."""
        raw = zipped([(SITE, b"x"), *members(packed).items()])
        start = raw.index(read_zip.ENTRY)
        entry = raw[start : start + 46 + len(SITE)]
        assert problems(raw[:start] + entry.replace(b"/x.yml", b"/y.yml") + raw[start:])

    def test_a_zip_within_under_the_name_of_a_table(self, packed):
        (sentence,) = problems(zipped([("data/tables/x.csv", packed), *members(packed).items()]))
        assert "archive within" in sentence

    def test_a_file_of_more_bytes_than_a_pack_has(self, receiver, tmp_path, monkeypatch):
        monkeypatch.setattr(read_zip, "PACK_AT_MOST", 1_000)
        (tmp_path / "x.zip").write_bytes(bytes(1_001))
        with pytest.raises(InputRefused, match="more than 1,000 bytes"):
            read_zip.read_file(tmp_path / "x.zip")


class TestManifest:
    def changed(self, packed: bytes, **fields) -> bytes:
        files = members(packed)
        says = json.loads(files[form.NAME]) | fields
        return zipped(files | {form.NAME: json.dumps(says).encode()})

    def test_none(self, refuse, packed):
        files = members(packed)
        del files[form.NAME]
        refuse(zipped(files), "has no manifest.json")

    @pytest.mark.parametrize("version", [0, 2, "1", None, [], 10**30])
    def test_another_version(self, refuse, packed, version):
        (sentence,) = refuse(self.changed(packed, version=version))
        assert "another version than 1" in sentence

    @pytest.mark.parametrize("text", [b"", b"{", b"[]", b"null", b'{"format": "zip"}', b"\xff", b"[" * 100_000])
    def test_no_manifest_at_all(self, refuse, packed, text):
        (sentence,) = refuse(zipped(members(packed) | {form.NAME: text}))
        assert "x.zip, manifest.json" in sentence

    @pytest.mark.parametrize(
        "fields",
        [
            {"evaluations": {}}, {"evaluations": {"../x": {}}}, {"evaluations": 3}, {"members": {}},
            {"members": {SITE: {"bytes": -1, "sha256": "x"}}}, {"run": "rm"}, {"published_tables": {"x": "sha256:1"}},
            {"evalkit": ""},
        ],
    )  # fmt: skip
    def test_fields_that_are_not_as_they_should_be(self, refuse, packed, fields):
        refuse(self.changed(packed, **fields), "x.zip, manifest.json")

    def test_a_file_that_is_not_listed(self, refuse, packed):
        refuse(zipped(members(packed) | {SITE: b"id: x\n"}), SITE, "is not in manifest.json")

    def test_a_file_that_is_listed_and_not_there(self, refuse, packed):
        files = members(packed)
        del files["data/measures.yml"]
        refuse(zipped(files), "data/measures.yml", "not in the pack")

    def test_a_file_that_was_changed(self, refuse, packed):
        files = members(packed)
        refuse(
            zipped(files | {"data/measures.yml": files["data/measures.yml"] + b"\n"}),
            "data/measures.yml",
            "changed on the way",
        )

    def test_evaluations_that_are_not_there(self, refuse, packed):
        says = json.loads(members(packed)[form.NAME])
        ((id, fields),) = says["evaluations"].items()
        refuse(self.changed(packed, evaluations={id: fields, "another": fields}), "another", "other evaluations")

    def test_all_that_is_wrong_is_said_at_once(self, refuse, packed):
        raw = zipped([*members(packed).items(), ("../a.yml", b""), ("/b.yml", b""), ("data/c.py", b"")])
        assert len(refuse(raw)) == 3

    def test_harm_that_is_listed_is_harm(self, refuse, packed):
        refuse(repacked(packed, {"book/notebooks/interrupted-time-series.ipynb": b"{}"}), "is code")
