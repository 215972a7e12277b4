"""A book that sends, one that receives, and a pack of the first; a test may spoil its own copies."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from evalkit.errors import EvaluationError, InputRefused
from evalkit.packs.pack import pack
from evalkit.packs.unpack import unpack
from tests.support.packing import id_of, make_book, tree

Made = Callable[[Path], None]


@pytest.fixture(scope="session")
def patterns(tmp_path_factory) -> Path:
    """Books as they were made, each with what its check remembers."""
    folder = tmp_path_factory.mktemp("packs")
    make_book(folder / "sender", [1, 2])
    make_book(folder / "gated", [1], gated=True)
    make_book(folder / "receiver", [])
    for name in ("sender", "gated"):
        (folder / f"{name}.zip").write_bytes(pack(folder / name, [id_of(1)]).content)
    return folder


def _copy(patterns: Path, tmp_path: Path, name: str) -> Path:
    return shutil.copytree(patterns / name, tmp_path / name)


@pytest.fixture
def sender(patterns, tmp_path) -> Path:
    """Two evaluations on one table of invented figures."""
    return _copy(patterns, tmp_path, "sender")


@pytest.fixture
def gated(patterns, tmp_path) -> Path:
    """An evaluation on its own counts."""
    return _copy(patterns, tmp_path, "gated")


@pytest.fixture
def receiver(patterns, tmp_path) -> Path:
    """A book without an evaluation."""
    return _copy(patterns, tmp_path, "receiver")


@pytest.fixture(scope="session")
def packed(patterns) -> bytes:
    """The first evaluation of the sender."""
    return (patterns / "sender.zip").read_bytes()


@pytest.fixture(scope="session")
def packed_own(patterns) -> bytes:
    """The evaluation on its own counts."""
    return (patterns / "gated.zip").read_bytes()


@pytest.fixture
def refuse(receiver, tmp_path, plain) -> Callable[..., list[str]]:
    """Unpack bytes that are to be refused: the sentences, after it was seen that nothing has changed."""

    def refused(raw: bytes, *named: str, **options: bool) -> list[str]:
        (tmp_path / "x.zip").write_bytes(raw)
        before = tree(receiver)
        with pytest.raises(EvaluationError) as error:
            unpack(receiver, tmp_path / "x.zip", **options)
        assert tree(receiver) == before
        said = (
            [str(problem) for problem in error.value.problems]
            if isinstance(error.value, InputRefused)
            else [str(error.value)]
        )
        for sentence in said:
            plain(sentence)
        assert not named or any(all(word in sentence for word in named) for sentence in said), said
        return said

    return refused
