"""A table out of a Frictionless Data Package that somebody else publishes: its file, where it comes from, its missing values."""

import json
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from evalkit.catalogue.files.plain_text import text_of
from evalkit.errors import InputRefused, Problem, did_you_mean

NAME = "datapackage.json"


class _Open(BaseModel):
    """Other properties of the standard are allowed and left alone."""

    model_config = ConfigDict(extra="ignore")


class _Source(_Open):
    title: str = ""
    path: str = ""


class _Licence(_Open):
    name: str = ""
    title: str = ""


class _Schema(_Open):
    missing: list[str] = Field(default=[""], alias="missingValues")


class _Resource(_Open):
    name: str
    path: str
    sources: list[_Source] = []
    licences: list[_Licence] = Field(default=[], alias="licenses")
    schema_: _Schema = Field(default=_Schema(), alias="schema")


class _Package(_Open):
    title: str = ""
    homepage: str = ""
    sources: list[_Source] = []
    licences: list[_Licence] = Field(default=[], alias="licenses")
    resources: list[_Resource] = Field(min_length=1)


@dataclass(frozen=True)
class PackagedTable:
    """A table of a package.

    Attributes
    ----------
    published_at, source, licence : as the package says them; empty where it does not
    missing : what stands for a figure that was not reported, folded to lower case
    """

    file: Path
    name: str
    published_at: str
    source: str
    licence: str
    missing: tuple[str, ...]


def packaged_table(path: Path, wanted: str | None) -> PackagedTable:
    """The table that is wanted, by its name; the only one where there is one.

    Raises
    ------
    InputRefused
        Where it is no package, has no such table, or one that lies elsewhere than in the package's folder.
    """
    package = _read(path)
    names = [resource.name for resource in package.resources]
    if wanted is None and len(names) > 1:
        raise _refused(path, f"has {len(names)} tables: choose one of {', '.join(names)} with --resource.")
    if wanted is not None and wanted not in names:
        raise _refused(path, f"has no table `{wanted}`{did_you_mean(wanted, names)}.")
    resource = package.resources[names.index(wanted)] if wanted else package.resources[0]
    folder = path.resolve().parent
    file = (folder / resource.path).resolve()
    if "://" in resource.path or not file.is_relative_to(folder):
        raise _refused(path, f"has its table `{resource.name}` elsewhere: download it, and import the file itself.")
    sources, licences = resource.sources or package.sources, resource.licences or package.licences
    source = sources[0] if sources else _Source()
    licence = licences[0] if licences else _Licence()
    return PackagedTable(
        file,
        resource.name,
        source.path or package.homepage,
        source.title or package.title,
        licence.title or licence.name,
        tuple(sorted({value.strip().lower() for value in resource.schema_.missing} - {""})),
    )


def _read(path: Path) -> _Package:
    text, problems = text_of(path, path.name)
    if text is None:
        raise InputRefused(problems)
    try:
        return _Package.model_validate(json.loads(text))
    except json.JSONDecodeError as error:
        raise InputRefused([Problem(path.name, error.lineno, "is not JSON here: download it again.")]) from None
    except ValidationError as error:
        wrong = error.errors()[0]
        where = ".".join(map(str, wrong["loc"]))
        raise _refused(path, f"is no data package: `{where}` {wrong['msg'][:1].lower()}{wrong['msg'][1:]}.") from None
    except RecursionError:
        raise _refused(path, "is no data package: it is nested too deeply.") from None


def _refused(path: Path, what: str) -> InputRefused:
    return InputRefused([Problem(path.name, 0, what)])
