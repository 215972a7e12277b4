"""Answers to questions: from flags, from a file, or from a person, and each checked when it is given."""

import difflib
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import typer

from evalkit.errors import EvaluationError, InputRefused, Problem, did_you_mean

ANSWERS = Path("_build", "answers")
Words = Mapping[str, str] | Sequence[str]
T = TypeVar("T")
LISTED_AT_MOST = 40


@dataclass(frozen=True)
class Question:
    """What is asked, by the name of its flag.

    Attributes
    ----------
    words : mapping or sequence
        Answers that there are, with what each means where that is not plain.
    closed : bool
        Whether nothing but these words is an answer.
    several : bool
        Whether it takes a list.
    optional : bool
        Whether nothing is an answer too.
    read : callable
        Gives the value of what was written; raises ``EvaluationError`` in one sentence.
    """

    flag: str
    asks: str
    words: Words = ()
    closed: bool = True
    several: bool = False
    optional: bool = False
    read: Callable[[str], Any] = str

    def value(self, written: str) -> Any:
        """The answer in what was written.

        Raises
        ------
        EvaluationError
            Where it is none.
        """
        written = visible(written.strip(), self.flag)
        if not written:
            if self.optional:
                return [] if self.several else None
            raise EvaluationError(f"{self.called} is empty{self._among()}.")
        if self.several:
            return [self._one(part) for part in written.replace(",", " ").split()]
        return self._one(written)

    def _one(self, written: str) -> Any:
        if self.words and self.closed and written not in self.words:
            if written.upper() in self.words:
                raise EvaluationError(f"{self.called} is {written!r}: use {written.upper()}.")
            raise EvaluationError(f"{self.called} is {written!r}{did_you_mean_all(written, self.words)}.")
        return self.read(written)

    def _among(self) -> str:
        return f": use one of {', '.join(self.words)}" if self.words and self.closed else ": say it"

    def missing(self) -> str:
        """What to add, for somebody who gave only flags."""
        among = f" (one of {', '.join(self.words)})" if self.words and self.closed else f" ({self.asks})"
        return f"{self.called} is missing: add it{among}."

    @property
    def called(self) -> str:
        """The flag as it is typed; an argument has capital letters."""
        return self.flag if self.flag.isupper() else f"--{self.flag}"


def did_you_mean_all(word: str, known: Iterable[str]) -> str:
    """The word that was meant, where one is near, and always all that there are."""
    known = list(known)
    near = difflib.get_close_matches(word, known, 1)
    meant = f"; did you mean `{near[0]}`? There are" if near else ": use one of"
    return f"{meant} {', '.join(known)}"


def visible(written: str, flag: str) -> str:
    """What was written, where all of it can be seen.

    Raises
    ------
    EvaluationError
        Naming each character that cannot, and where it is.
    """
    from evalkit.catalogue.files.plain_text import unseen_in

    shown = unseen_in(written)
    if shown is None:
        return written
    raise EvaluationError(f"--{flag} holds what cannot be seen, {shown}: write it anew.")


@dataclass
class Asking:
    """The answers of one command, in the order in which they are asked for.

    Attributes
    ----------
    given : dict
        By flag: what the flags said; a list where a flag was repeated.
    kept : dict
        By flag: what the file of answers says.
    file : Path or None
        Where every answer is kept.
    kept_for_good : bool
        Whether that file is the person's own, and stays when all is written.
    talking : bool
        Whether something was asked that is needed: nobody is asked for what may be left out where all else is given.
    anew : str
        The flag whose answer is to be another.
    """

    given: Mapping[str, Any]
    kept: dict[str, Any] = field(default_factory=dict)
    file: Path | None = None
    kept_for_good: bool = False
    problems: list[str] = field(default_factory=list)
    written: dict[str, Any] = field(default_factory=dict)
    talking: bool = False
    anew: str = ""

    @property
    def on_a_terminal(self) -> bool:
        """Whether there is somebody to ask."""
        return sys.stdin.isatty()

    def use(self, kept: Mapping[str, Any], shown: str, sure: bool) -> None:
        """Take what was answered before, where the person goes on with it."""
        if not sure:
            typer.echo(f"{shown} keeps answers from before:")
            for flag, answer in kept.items():
                typer.echo(f"  {flag}: {answer}")
            if not typer.confirm("Go on with them?", default=True):
                return
            self.talking = True  # what may be left out was not asked yet
        self.kept = dict(kept)

    def tell(self, what: str) -> None:
        """Say something between two questions."""
        typer.echo(what)

    def ask_once(self, asks: str) -> str:
        """Any text from a person."""
        while True:
            try:
                return visible(typer.prompt(asks).strip(), "answer")
            except EvaluationError as error:
                _say(str(error))

    def add(self, flag: str, answer: Any) -> None:
        """Keep an answer that was not asked for as a question."""
        self._keep(flag, answer)
        self.kept[flag] = answer

    def forget(self) -> None:
        """Delete what was kept for the next time, now that it is written."""
        if self.file is not None and not self.kept_for_good:
            self.file.unlink(missing_ok=True)

    def settle(self, make: Callable[[], T]) -> T:
        """What ``make`` gives of the answers; where that is refused, a person changes answers until it is not.

        Raises
        ------
        EvaluationError
            With what is wrong, and a note that says where the answers are kept.
        """
        while True:
            try:
                self.problems = []
                return make()
            except EvaluationError as error:
                self.written = {**self.kept, **self.given, **self.written}
                self.keep()
                if self.on_a_terminal and self._change_one(error):
                    continue
                if self.file is not None and self.file.is_file():
                    shown = self.file.relative_to(Path.cwd()) if self.file.is_relative_to(Path.cwd()) else self.file
                    error.add_note(f"Your answers are kept in {shown}: correct them there, and add --answers {shown}.")
                raise

    def _change_one(self, error: EvaluationError) -> bool:
        """Whether a person gives another answer to something."""
        _say(str(error))
        typer.echo(f"Nothing was changed. Your answers: {', '.join(self.written)}.")
        while True:
            flag = typer.prompt("Which of them is to be another (empty: stop)", default="", show_default=False).strip()
            if not flag:
                return False
            if flag.lstrip("-") in self.written:
                self.again(flag.lstrip("-"))
                return True
            _say(f"{flag!r} is none of them{did_you_mean(flag, self.written)}.")

    def refuse(self, what: str) -> None:
        """Remember what is wrong, to say all of it at once."""
        self.problems.append(what)

    def get(self, question: Question, otherwise: Any = None) -> Any:
        """The answer to a question; ``otherwise`` where there is none, or it is refused later."""
        flag = question.flag
        for source in (self.given, self.kept):
            if source.get(flag) in (None, [], ()):
                continue
            written = source[flag]
            text = " ".join(map(str, written)) if isinstance(written, list | tuple) else str(written)
            try:
                value = question.value(text)
            except EvaluationError as error:
                self.written[flag] = written
                if not self.on_a_terminal and isinstance(error, InputRefused):
                    raise
                if not self.on_a_terminal:
                    self.refuse(str(error))
                    return otherwise
                _say(str(error))
                break
            self._keep(flag, written)
            return otherwise if value is None else value
        if not self.on_a_terminal:
            if not question.optional:
                self.refuse(question.missing())
            return otherwise
        if question.optional and not self.talking and self.anew != flag:
            return otherwise
        self.talking = self.talking or not (question.optional or self.anew == flag)
        value = self._ask(question)
        return otherwise if value is None else value

    def again(self, flag: str) -> None:
        """Forget an answer, so that it is asked for once more."""
        self.given = {name: value for name, value in self.given.items() if name != flag}
        self.kept.pop(flag, None)
        self.written.pop(flag, None)
        self.talking, self.anew = False, flag

    def refuse_what_is_wrong(self) -> None:
        """Go on only where nothing is.

        Raises
        ------
        InputRefused
            With all of it.
        """
        if self.problems:
            problems, self.problems = self.problems, []
            raise InputRefused(Problem("", 0, what) for what in problems)

    def _ask(self, question: Question) -> Any:
        words = list(question.words) if len(question.words) <= LISTED_AT_MOST else []
        if words:
            for number, word in enumerate(words, start=1):
                meaning = question.words[word] if isinstance(question.words, Mapping) else ""
                typer.echo(f"  {number:>2}  {word}" + (f"  {meaning}" if meaning and meaning != word else ""))
        hint = " (number or word)" if words else ""
        while True:
            answer = typer.prompt(question.asks + hint, default="" if question.optional else None, show_default=False)
            parts = answer.replace(",", " ").split() if question.several else [answer.strip()]
            numbered = [
                words[int(part) - 1] if part.isascii() and part.isdigit() and 0 < int(part) <= len(words) else part
                for part in parts
            ]
            try:
                value = question.value(" ".join(numbered))
            except EvaluationError as error:
                _say(str(error))
                continue
            self._keep(question.flag, numbered if question.several else numbered[0])
            self.kept[question.flag] = self.written[question.flag]
            return value

    def _keep(self, flag: str, written: Any) -> None:
        self.written[flag] = list(written) if isinstance(written, list | tuple) else written
        if self.on_a_terminal:
            self.keep()

    def keep(self) -> None:
        """Write every answer down, for the next time."""
        from evalkit.catalogue.files.yaml_edit import as_yaml
        from evalkit.files import write_if_changed

        if self.file is not None and self.written:
            plain = {
                flag: value if isinstance(value, list | bool) else str(value) for flag, value in self.written.items()
            }
            write_if_changed(self.file, as_yaml(self.kept | plain))


def read_kept(path: Path, shown: str, flags: Iterable[str]) -> dict[str, Any]:
    """The answers in a file: flags' names as keys.

    Raises
    ------
    InputRefused
        Where it cannot be read, or answers what is not asked.
    """
    from evalkit.catalogue.files.yaml_lines import read_lines

    flags = list(flags)
    value, lines, problems = read_lines(path, shown)
    if value is not None and not isinstance(value, dict):
        problems = [*problems, Problem(shown, 1, "should hold `flag: answer` lines, one flag a line.")]
    kept = {}
    for name, answer in value.items() if isinstance(value, dict) else ():
        flag = str(name).replace("_", "-")
        line = lines.line_of((name,))
        if flag not in flags:
            problems.append(Problem(shown, line, f"`{name}` is no flag of this command{did_you_mean(flag, flags)}."))
        elif isinstance(answer, dict):
            problems.append(Problem(shown, line, f"`{name}` holds fields of its own: write its answer as text."))
        elif answer is not None:
            kept[flag] = answer if isinstance(answer, list | bool) else str(answer)
    if problems:
        raise InputRefused(problems)
    return kept


def _say(what: str) -> None:
    from evalkit.disclosure.people import without_numbers

    typer.echo(without_numbers(what), err=True)
