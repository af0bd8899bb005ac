"""The command line speaks French: its help, its errors, and what Typer would say of its own in English."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest
import typer
from typer.core import TyperOption
from typer.models import ParameterInfo
from typer.testing import CliRunner

from orchestration.cli import app
from orchestration.cli_words import UsageError, french, usage_error
from tests.support.demo import observatoire

# what Typer's own help and errors are made of
ENGLISH = re.compile(
    r"Usage:|Show this|\bTry\b|Commands|\[required\]|env var|\[default|\bError\b|Missing|No such|Invalid|Did you|requires"
    r"|Got unexpected|does not|is not|COMMAND\b|ARGS|<(bool|str|int|dir|file|path)>",
)


def _commands(group: typer.Typer, *path: str) -> Iterator[list[str]]:
    yield list(path)
    for command in group.registered_commands:
        name = command.name or (command.callback.__name__ if command.callback else "")
        yield [*path, name]
    for below in group.registered_groups:
        assert below.typer_instance is not None
        named = isinstance(below.name, str)
        yield from _commands(below.typer_instance, *path, *([below.name] if named else []))


def _found(command: list[str]) -> Any:
    """Returns a command of the command line as Typer makes it."""
    found: Any = typer.main.get_command(french(app))
    for name in command:
        found = found.commands[name]
    return found


@pytest.mark.parametrize("command", list(_commands(app)), ids=" ".join)
def test_no_help_speaks_english(command: list[str]) -> None:
    done = CliRunner().invoke(french(app), [*command, "--help"], env={"COLUMNS": "80"})
    assert done.exit_code == 0
    assert "Usage : " in done.output and "Montre cette aide." in done.output
    assert not ENGLISH.search(done.output), done.output
    assert max(map(len, done.output.splitlines())) <= 80


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["lancer"], "Commande inconnue : « lancer » ; celles qu'il y a : run, "),
        (["contract", "lire"], "Commande inconnue : « lire » ; celles qu'il y a : draft, schema, check. Aide : "),
        (["--lancer"], "Option inconnue : --lancer. Aide : "),
        (["withdraw", "--motiv"], "Option inconnue : --motiv ; peut-être --motif. Aide : "),
        (["run", "--relire"], "L'option --relire attend une valeur. Aide : "),
        (["run", "--publier=oui"], "L'option --publier ne prend pas de valeur. Aide : "),
        (["diff", "1"], "Il manque nouvelle. Aide : "),
        (["withdraw", "V2/a.csv"], "Il manque --motif. Aide : "),
        (["diff", "1", "2", "3", "4"], "Argument de trop : 3 4. Aide : "),
        (["contract", "check", "/nulle/part.yaml"], "Fichier : /nulle/part.yaml n'est pas un fichier. Aide : "),
        (["backup", "/tmp", "--garder", "0"], "--garder : « 0 » n'est pas un nombre entier d'au moins 1. Aide : "),
        (["backup", "/tmp", "--garder", "dix"], "--garder : « dix » n'est pas un nombre entier d'au moins 1. Aide : "),
        (["run", "--relire", "/"], "--relire : « / » ne nomme aucun organisme après la barre. Aide : "),
        (["run", "--relire", "V2/"], "--relire : « V2/ » ne nomme aucun organisme après la barre. Aide : "),
        (["run", "--data", __file__], f"--data : {__file__} n'est pas un dossier. Aide : "),
    ],
)
def test_an_error_of_usage_is_one_french_sentence(arguments: list[str], said: str) -> None:
    done = CliRunner().invoke(french(app), arguments, standalone_mode=False)
    assert isinstance(done.exception, UsageError)
    assert (done.exception.exit_code, done.output) == (2, "")
    told = usage_error(done.exception)
    assert told.startswith(said) and told.endswith(" --help"), told
    assert not ENGLISH.search(told.replace(__file__, ""))


def _takes_value(param: object) -> bool:
    return not getattr(param, "is_flag", False)


VALUES = [(command, param) for command in _commands(app) for param in _found(command).params if _takes_value(param)]


@pytest.mark.parametrize("nothing", ["", " "])
@pytest.mark.parametrize(("command", "param"), VALUES, ids=[" ".join([*c, str(p.name)]) for c, p in VALUES])
def test_a_value_that_is_empty_is_refused_by_its_name(command: list[str], param: Any, nothing: str) -> None:
    """A variable of the shell that is not set is written so: `backup "$FOLDER"` would save into the current folder."""
    arguments = list(command)
    for one in _found(command).params:
        value = nothing if one.name == param.name else "x"
        if isinstance(one, TyperOption):
            arguments += [one.opts[0], value] if one.name == param.name or one.required else []
        elif one.name == param.name or one.required:
            arguments.append(value)
    done = CliRunner().invoke(french(app), arguments, standalone_mode=False)
    assert isinstance(done.exception, UsageError), (arguments, done.exception)
    assert (done.exception.exit_code, done.output) == (2, "")
    name = param.opts[0] if isinstance(param, TyperOption) else str(param.name).capitalize()
    assert usage_error(done.exception).startswith(f"{name} : une valeur vide ne désigne rien ; la donner. Aide : ")


def test_no_path_is_refused_before_a_command_can_say_why() -> None:
    """Typer's own refusal of what cannot be read is in English, and says no remedy."""
    seen = 0
    for command in _commands(app):
        group = _found(command)
        for name, hint in get_type_hints(group.callback, include_extras=True).items() if group.callback else ():
            told = [one for one in getattr(hint, "__metadata__", ()) if isinstance(one, ParameterInfo)]
            if "Path" in str(get_args(hint)[:1]):
                assert [one.readable for one in told] == [False], (command, name)
                seen += 1
    assert seen > 20


def test_a_group_that_is_given_no_command_shows_its_help_and_no_more() -> None:
    done = CliRunner().invoke(french(app), ["contract"], standalone_mode=False)
    assert isinstance(done.exception, UsageError)
    assert "Commandes" in done.output and usage_error(done.exception) == ""


def test_the_version_is_told(tmp_path: Path) -> None:
    done = observatoire(tmp_path, "--version")
    assert (done.returncode, done.stderr) == (0, "")
    assert re.fullmatch(r"observatoire \d+\.\d+\.\d+ \((inconnue|[0-9a-f]{12}\+?)\)\n", done.stdout)


def test_a_shell_completes_commands_and_options() -> None:
    def asked(words: str, at: int, instruction: str = "complete_bash") -> list[str]:
        environment = {**os.environ, "COMP_WORDS": words, "COMP_CWORD": str(at), "_OBSERVATOIRE_COMPLETE": instruction}
        command = [Path(sys.executable).with_name("observatoire")]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert done.stderr == ""
        return done.stdout.split()

    assert {"run", "rollback"} <= set(asked("observatoire r", 1)) and "status" not in asked("observatoire r", 1)
    assert "--relire" in asked("observatoire run --r", 2)
    for shell in ("bash", "zsh", "fish"):
        assert any("observatoire" in word for word in asked("", 0, f"source_{shell}"))
