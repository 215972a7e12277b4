"""What a page shows of the rest of the book: the contents as seen from it, and the way to it."""

import hashlib

from docutils import nodes
from sphinx.addnodes import pending_xref, toctree
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx_external_toc.api import GlobItem

MANY_CHILDREN = 15


class Contents:
    """The tree of all pages, put in order once a build. Sphinx's own toctree() resolves the whole book for each page."""

    def __init__(self, app: Sphinx):
        env = self._env = app.env
        by_pattern = pattern_pages(app)
        self.titles = {docname: title.astext() for docname, title in env.titles.items()}
        self.parents = parent_of_each(env)
        self._marked_up = {docname: str(title) for docname, title in env.titles.items()}
        # Found at its address alone.
        withdrawn = {docname for docname, metadata in env.metadata.items() if "nosearch" in metadata}
        # What a page lists below itself; None for many.
        self._listed: dict[str, list[tuple[str, str]] | None] = {}
        for parent, children in env.toctree_includes.items():
            if parent in by_pattern:  # found by file name, listed by title
                children = sorted(children, key=lambda child: self.titles[child].casefold())
            children = [child for child in children if child not in withdrawn]
            many = len(children) > MANY_CHILDREN
            self._listed[parent] = None if many else [(child, self.titles[child]) for child in children]
        parts = env.get_doctree(app.config.root_doc).findall(toctree)
        self._parts = [
            (part["caption"], [(docname, self.titles[docname]) for _, docname in part["entries"]]) for part in parts
        ]

    def way_to(self, docname: str) -> list[str]:
        """The page and those above it, upwards."""
        way: list[str] = []
        page: str | None = docname
        while page and page not in way:
            way.append(page)
            page = self.parents.get(page)
        return way

    def seen_from(self, docname: str) -> list[dict]:
        """Every part, and what lies on the way to the page and below it.

        Among many children only the open one is listed, as their page lists them all: so the cost of a page, for the
        build and for the reader, does not grow with the book.
        """
        way = self.way_to(docname)

        def entry(docname: str, title: str) -> dict:
            children = self._listed.get(docname, ()) if docname in way else ()
            if children is None:
                children = [(child, self.titles[child]) for child in way if self.parents.get(child) == docname]
            return {"docname": docname, "title": title, "items": [entry(*child) for child in children]}

        return [{"caption": caption, "items": [entry(*item) for item in entries]} for caption, entries in self._parts]

    def fingerprint(self, docname: str) -> str:
        """SHA-256 of all that the page shows of others: another one means that the page has to be written again.

        The contents follow from the parts, the way to the page and what lies below each page of it.
        """
        way = [(page, self._marked_up.get(page), self._listed.get(page)) for page in self.way_to(docname)]
        metadata, labels = self._env.metadata, self._env.domains["std"].labels
        linked = [
            (
                target,
                self._marked_up.get(target),
                metadata[target].get("myst_slugs") if target in metadata else labels.get(target),
            )
            for target in metadata[docname].get("evalkit_links", ())
        ]
        return hashlib.sha256(repr((self._parts, way, linked)).encode()).hexdigest()


def parent_of_each(env: BuildEnvironment) -> dict[str, str]:
    """The page that lists a page."""
    return {child: parent for parent, children in env.toctree_includes.items() for child in children}


def pattern_pages(app: Sphinx) -> set[str]:
    """Pages that list others by a pattern in _toc.yml."""
    return {
        str(docname)
        for docname, item in app.config.external_site_map.items()
        if any(isinstance(entry, GlobItem) for tree in item.subtrees for entry in tree.items)
    }


def _reread_pattern_pages(app: Sphinx, env: BuildEnvironment, added: set, changed: set, removed: set) -> set[str]:
    """They are read again when pages come or go: sphinx-external-toc does not see to it."""
    return pattern_pages(app) & env.all_docs.keys() if added | removed else set()


def _note_links(app: Sphinx, doctree: nodes.document) -> None:
    """Remember what a page's links and visible lists lead to, as they may quote its title."""
    targets = {link["reftarget"].lstrip("/") for link in doctree.findall(pending_xref) if link.get("reftarget")}
    targets |= {
        docname for tree in doctree.findall(toctree) if not tree.get("hidden") for docname in tree["includefiles"]
    }
    app.env.metadata[app.env.docname]["evalkit_links"] = sorted(targets)


def _pages_that_show_changes(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Pages to write again because of other pages."""
    contents = vars(app)["evalkit_contents"] = Contents(app)
    now = {docname: contents.fingerprint(docname) for docname in env.found_docs}
    before = getattr(env, "evalkit_contents", {})
    vars(env)["evalkit_contents"] = now
    return sorted(docname for docname, fingerprint in now.items() if before.get(docname) != fingerprint)


def connect(app: Sphinx) -> None:
    """Let Sphinx read and write the pages that other pages' coming, going and renaming concerns, and no more."""
    app.connect("env-get-outdated", _reread_pattern_pages, priority=900)
    app.connect("doctree-read", _note_links)
    app.connect("env-updated", _pages_that_show_changes)
