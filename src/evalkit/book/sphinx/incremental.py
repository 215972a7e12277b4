"""A build into what is there gives what a build from nothing gives: no page, picture or word of what is gone."""

import os
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.environment import BuildEnvironment
from sphinx.util import FilenameUniqDict

from evalkit.files import keep_only


def _stamps(app: Sphinx, docname: str) -> list[tuple[int, int, int] | None]:
    """Size and times of a page's source and of all that it includes or shows; None for what is not there."""
    names = (app.env.doc2path(docname, base=False), *sorted(app.env.dependencies[docname]))
    return [_stamp(f"{app.srcdir}/{name}") for name in names]


def _stamp(path: str) -> tuple[int, int, int] | None:
    try:
        stat = os.stat(path)  # noqa: PTH116
    except OSError:
        return None
    return stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns  # the last can not be set back


def _read_what_became_older(app: Sphinx, env: BuildEnvironment, added: set, changed: set, removed: set) -> list[str]:
    """Sphinx reads what is newer than its reading; a file put back from a copy is older, and another one."""
    stamps = getattr(env, "evalkit_stamps", {})
    return [docname for docname in env.found_docs - added if stamps.get(docname) != _stamps(app, docname)]


def _note_stamps(app: Sphinx, env: BuildEnvironment) -> list[str]:
    vars(env)["evalkit_stamps"] = {docname: _stamps(app, docname) for docname in env.found_docs}
    return []


def _name_pictures_in_order(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Pictures of one file name are numbered in the order of their paths, not in that in which pages were read."""
    ordered = FilenameUniqDict()
    for path, (docnames, _) in sorted(env.images.items()):
        for docname in docnames:
            ordered.add_file(docname, path)
    renamed = [path for path, (_, name) in ordered.items() if env.images[path][1] != name]
    env.images = ordered
    return sorted({docname for path in renamed for docname in ordered[path][0]})


def _drop_words_of_gone_pages(app: Sphinx) -> list:
    """Sphinx takes a page out of the search index and leaves the words that stood on no other."""
    indexer = getattr(app.builder, "indexer", None)
    if indexer is not None:
        prune = indexer.prune
        indexer.prune = lambda docnames: prune(set(docnames))  # of a dict it would look at every page for every word
        indexer._mapping = {word: docnames for word, docnames in indexer._mapping.items() if docnames}
        indexer._title_mapping = {word: docnames for word, docnames in indexer._title_mapping.items() if docnames}
    return []


def _delete_files_of_gone_pages(app: Sphinx, exception: Exception | None) -> None:
    """Sphinx deletes nothing that it wrote: not a page, not a picture, not what it kept of a page."""
    if exception is not None or app.builder.name != "html":
        return
    assert isinstance(app.builder, StandaloneHTMLBuilder)
    out, kept, env = Path(app.outdir), Path(app.doctreedir), app.env
    images = out / app.builder.imagedir
    outputs = out.parent / "jupyter_execute"
    pages, image_names = env.found_docs, {name for _, name in env.images.values()}
    pictures = {Path(app.srcdir, path) for path in env.images}
    keep_only(out / "book", {Path(app.builder.get_outfilename(docname)) for docname in pages})
    keep_only(kept / "book", {kept / f"{docname}.doctree" for docname in pages})
    keep_only(images, {images / name for name in image_names})
    keep_only(outputs, {path for path in pictures if path.is_relative_to(outputs)})


def connect(app: Sphinx) -> None:
    """Before and after the pages are read, before the search index is written, and at the end."""
    app.connect("env-get-outdated", _read_what_became_older)
    app.connect("env-updated", _note_stamps)
    app.connect("env-updated", _name_pictures_in_order)
    app.connect("html-collect-pages", _drop_words_of_gone_pages)
    app.connect("build-finished", _delete_files_of_gone_pages)
