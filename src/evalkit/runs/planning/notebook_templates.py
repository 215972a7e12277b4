"""What a template's parameters cell asks for, and whether an analysis gives it. No kernel needed."""

import ast
import hashlib
import json
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import nbformat
from pydantic import TypeAdapter, ValidationError

from evalkit.catalogue.files.plain_text import NOTEBOOK_AT_MOST, text_of
from evalkit.catalogue.naming import words_in
from evalkit.errors import EvaluationError, InputRefused, Problem, did_you_mean
from evalkit.intake.default_scale import default_scale
from evalkit.runs.planning.code_dependencies import named_in

TEMPLATE_FOLDER = Path("book", "notebooks")
KERNEL, LANGUAGE = "python3", "python"
TYPES = {"str": str, "int": int, "float": float, "bool": bool, "list": list, "dict": dict, "None": None}
GENERIC = {"list": list, "dict": dict, "Optional": typing.Optional, "Union": typing.Union}
NEEDED = ("site", "measure", "interruption")
OF_THE_EXAMPLE = ("first", "last", "table", "comparators")
TYPES_IN_WORDS = {
    "str": "text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "list": "a list",
    "None": "null",
}


@dataclass(frozen=True)
class Parameter:
    """One line of the parameters cell. ``type`` says whether a value fits."""

    name: str
    type: TypeAdapter
    written_type: str
    default: Any


@dataclass(frozen=True)
class Template:
    """A notebook that analyses run.

    Attributes
    ----------
    sha256 : str
        Of the cells' sources; outputs and metadata do not count.
    modules : frozenset of str
        Modules of evalkit that its cells name.
    """

    name: str
    path: Path
    parameters: Mapping[str, Parameter]
    sha256: str
    modules: frozenset[str]

    def problems_with(self, values: Mapping[str, Any]) -> dict[str, str]:
        """What is wrong with an analysis's parameters: a sentence by parameter."""
        problems = {
            name: f"`{name}` is missing, and what the template {self.name} has is of its example: add it."
            for name in NEEDED
            if name in self.parameters
            and name not in values
            and set(values) <= set(self.parameters)  # else it is misspelt
        }
        for name, value in values.items():
            if name not in self.parameters:
                hint = did_you_mean(name, self.parameters)
                problems[name] = f"`{name}` is not a parameter of the template {self.name}{hint}."
                continue
            several = name == "site" and isinstance(value, str) and len(words_in(value)) > 1
            if not self.takes(name, value):
                type_in_words = _in_words(self.parameters[name].written_type)
                problems[name] = f"`{name}` must be {type_in_words}, but it is {value!r}."
            elif several and not self.takes(name, []):
                problems[name] = f"`site` names several, {value}, but the template {self.name} takes one site."
        return problems

    def takes(self, name: str, value: Any) -> bool:
        """Whether a value is of the type that the parameter asks for."""
        try:
            self.parameters[name].type.validate_python(value, strict=True)
        except ValidationError:
            return False
        return True

    def filled(self, values: Mapping[str, Any], form: str = "count", *, per_day: bool = True) -> dict[str, Any]:
        """Every parameter: as given; else all the months there are and no comparators, as those of the template are of its
        example; else what the form of the measure allows, and whether it is counted on days; else the template's default."""
        of_form = default_scale(form, on_days=per_day, family=values.get("family", "gaussian"))
        return {
            name: values[name]
            if name in values
            else self._left_out(name)
            if name in OF_THE_EXAMPLE
            else of_form.get(name, parameter.default)
            for name, parameter in self.parameters.items()
        }

    def _left_out(self, name: str) -> Any:
        return next((value for value in (None, []) if self.takes(name, value)), self.parameters[name].default)


def template_names(root: Path) -> list[str]:
    """The templates there are."""
    return sorted(path.stem for path in (root / TEMPLATE_FOLDER).glob("*.ipynb"))


def read_template(root: Path, name: str) -> Template:
    """The template called ``name``.

    Raises
    ------
    EvaluationError
        Where it does not exist.
    InputRefused
        Where it is not a notebook of Python, or has no cell tagged ``parameters``.
    """
    path = root / TEMPLATE_FOLDER / f"{name}.ipynb"
    if not path.is_file():
        hint = did_you_mean(name, template_names(root))
        raise EvaluationError(f"`{name}` is not a template in {TEMPLATE_FOLDER.as_posix()}{hint}.")
    return _read(path, name, path.stat().st_mtime_ns)


@lru_cache(maxsize=32)
def _read(path: Path, name: str, _modified: int) -> Template:
    shown_path = (TEMPLATE_FOLDER / path.name).as_posix()
    text, problems = text_of(path, shown_path, NOTEBOOK_AT_MOST)
    if text is None:
        raise InputRefused(problems)
    wrong: dict[str, Exception] = {}
    try:
        notebook = nbformat.reads(text, as_version=4, capture_validation_error=wrong)
    except Exception as error:
        wrong["ValidationError"] = error
    for error in wrong.values():
        raise _refused(shown_path, f"is not a notebook ({type(error).__name__}): save it again from Jupyter.") from None
    cells = [cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", ())]
    if len(cells) != 1:
        raise _refused(shown_path, f"has {len(cells)} cells tagged `parameters`: exactly one is needed.")
    sources = "\0".join(f"{cell.cell_type}\n{cell.source}" for cell in notebook.cells)
    parameters = _parameters(cells[0].source, shown_path)
    kernel = notebook.metadata.get("kernelspec", {})
    if kernel.get("language", LANGUAGE) != LANGUAGE:
        raise _refused(shown_path, f"is written for a kernel of {kernel['language']}: templates are in Python.")
    if kernel.get("name", KERNEL) != KERNEL:
        raise _refused(
            shown_path, f"asks for the kernel `{kernel['name']}`: choose `{KERNEL}` in Jupyter and save it again."
        )
    modules = named_in(cell.source for cell in notebook.cells if cell.cell_type == "code")
    return Template(name, path, parameters, hashlib.sha256(sources.encode()).hexdigest(), modules)


def _refused(shown_path: str, what: str) -> InputRefused:
    return InputRefused([Problem(shown_path, 0, what)])


def _parameters(source: str, shown_path: str) -> dict[str, Parameter]:
    line, parameters = 1, {}
    try:
        for statement in ast.parse(source).body:
            line = statement.lineno
            if not isinstance(statement, ast.ImportFrom):
                parameter = _parameter(statement)
                parameters[parameter.name] = parameter
    # Whatever is wrong in the cell, down to more brackets than Python reads, the remedy is the same.
    except Exception as error:
        line = error.lineno if isinstance(error, SyntaxError) else line
        raise _refused(
            shown_path,
            f"parameters cell, line {line}: write `name: type = default  # what it is`,"
            f" with a type made of {', '.join(TYPES | GENERIC)} and a plain value as default.",
        ) from None
    return parameters


def _parameter(statement: ast.stmt) -> Parameter:
    if not (isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name) and statement.value):
        raise ValueError("not `name: type = default`")
    kind = _type(statement.annotation)
    name, written = statement.target.id, ast.unparse(statement.annotation)
    default = ast.literal_eval(statement.value)
    json.dumps(default, allow_nan=False)  # a record of a run holds it
    return Parameter(name, TypeAdapter(kind), written, default)


def _type(annotation: ast.expr) -> Any:
    """The type that an annotation names. It is read and never evaluated: a template may be anybody's."""
    match annotation:
        case ast.Constant(value=None):
            return None
        case ast.Name(id=name) if name in TYPES:
            return TYPES[name]
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return _type(left) | _type(right)
        case ast.Subscript(value=ast.Name(id=name), slice=ast.Tuple(elts=parts)) if name in GENERIC:
            return GENERIC[name][tuple(_type(part) for part in parts)]
        case ast.Subscript(value=ast.Name(id=name), slice=part) if name in GENERIC:
            return GENERIC[name][_type(part)]
    raise ValueError("not a type")


def _in_words(written: str) -> str:
    inner = written.removeprefix("Union[").removeprefix("Optional[").removesuffix("]")
    names = [name.strip() for name in inner.split(",")] + (["None"] if written.startswith("Optional") else [])
    words = [TYPES_IN_WORDS.get(name, name) for name in names]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"
