"""What Typer says of its own, in the language of the command line: help pages and errors of usage.

Typer's own words are English. Its titles are settings of `typer.rich_utils`; the rest is said by the classes below,
which the command line gives to its commands.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer
from typer import rich_utils
from typer._click import Context, HelpFormatter
from typer._click.exceptions import BadOptionUsage, BadParameter, MissingParameter, NoSuchOption, UsageError
from typer.core import TyperCommand, TyperGroup, TyperOption

__all__ = [
    "COMMAND",
    "FrenchGroup",
    "UsageError",
    "existing_file",
    "french",
    "possible_folder",
    "some",
    "usage_error",
    "writable_file",
]

# what a line of usage calls the command of a group
COMMAND = "COMMANDE [ARGUMENTS]..."
rich_utils.COMMANDS_PANEL_TITLE = "Commandes"
rich_utils.DEFAULT_STRING = "[par défaut : {}]"
rich_utils.ENVVAR_STRING = "[variable : {}]"
rich_utils.REQUIRED_LONG_STRING = "[obligatoire]"


class _French:
    """The parts of a command that speak."""

    def get_help_option(self, ctx: Context) -> TyperOption | None:
        """Returns the option that shows the help."""
        option: TyperOption | None = super().get_help_option(ctx)  # type: ignore[misc]
        if option is not None:
            option.help = "Montre cette aide."
        return option

    def get_params(self, ctx: Context) -> list[Any]:
        """Returns the parameters; their Python types say nothing to a reader, so only those with a name show one."""
        params: list[Any] = super().get_params(ctx)  # type: ignore[misc]
        for param in params:
            said = param.metavar if isinstance(param, TyperOption) else ""
            param.display_type_rich = lambda ctx, said=said: said or ""
        return params

    def format_usage(self, ctx: Context, formatter: HelpFormatter) -> None:
        """Writes the line of usage."""
        pieces = " ".join(self.collect_usage_pieces(ctx))  # type: ignore[attr-defined]
        formatter.write_usage(ctx.command_path, pieces, prefix="Usage : ")

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:
        """Reads the arguments; refuses those that are too many, and values without a character, in its own words."""
        ctx.allow_extra_args = True
        try:
            if not ctx.resilient_parsing:
                self._refuse_empty(ctx, args)
            left: list[str] = super().parse_args(ctx, args)  # type: ignore[misc]
        except UsageError as error:
            error.ctx = error.ctx or ctx
            raise
        if left and not isinstance(self, TyperGroup):
            raise UsageError(f"argument de trop : {' '.join(left)}", ctx)
        return left

    def _refuse_empty(self, ctx: Context, args: list[str]) -> None:
        """Refuses an argument or an option that is given nothing: a shell writes so a variable that is not set.

        Read as a path it would be the folder one is in, and as a code all of them.
        """
        given, _, _ = self.make_parser(ctx).parse_args(args=list(args))  # type: ignore[attr-defined]
        for param in self.get_params(ctx):
            value = given.get(param.name)
            if isinstance(value, str) and not value.strip():
                raise BadParameter("une valeur vide ne désigne rien ; la donner", ctx, param)


class FrenchCommand(_French, TyperCommand):
    """A command whose help and errors are in French."""


class FrenchGroup(_French, TyperGroup):
    """A group of commands whose help and errors are in French."""

    def resolve_command(self, ctx: Context, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """Finds the command that is asked for."""
        if self.get_command(ctx, args[0]) is None and not args[0].startswith("-"):
            known = ", ".join(self.list_commands(ctx))
            raise UsageError(f"commande inconnue : « {args[0]} » ; celles qu'il y a : {known}", ctx)
        return super().resolve_command(ctx, args)


def french(app: typer.Typer) -> typer.Typer:
    """Gives every command of an application, and of the groups in it, the classes that speak French."""
    for command in app.registered_commands:
        command.cls = FrenchCommand
    for group in app.registered_groups:
        if group.typer_instance is not None:
            french(group.typer_instance)
    return app


def usage_error(error: UsageError) -> str:
    """Returns what is wrong with a command line, in a French sentence that ends with where the help is.

    Empty where a command that needs another was given none: its help has been shown.
    """
    param = error.param if isinstance(error, BadParameter) else None
    hint = (param.opts[0] if isinstance(param, TyperOption) else param.display_name_raw) if param else ""
    if not error.message and not isinstance(error, BadParameter):
        return ""
    if isinstance(error, MissingParameter):
        said = f"il manque {hint}"
    elif isinstance(error, BadParameter):
        said = f"{error.param_hint or hint} : {error.message}"
    elif isinstance(error, NoSuchOption):
        near = f" ; peut-être {', '.join(sorted(error.possibilities))}" if error.possibilities else ""
        said = f"option inconnue : {error.option_name}{near}"
    elif isinstance(error, BadOptionUsage):
        flags = [p for p in error.ctx.command.params if error.option_name in p.opts] if error.ctx else []
        takes = "ne prend pas de valeur" if any(getattr(p, "is_flag", False) for p in flags) else "attend une valeur"
        said = f"l'option {error.option_name} {takes}"
    else:
        said = error.message
    where = error.ctx.command_path if error.ctx else "observatoire"
    return f"{said[0].upper()}{said[1:].rstrip('.')}. Aide : {where} --help"


def existing_file(path: Path) -> Path:
    """Returns the path of a file that an argument names.

    Raises:
        BadParameter: there is no such file.
    """
    if not path.is_file():
        raise typer.BadParameter(f"{path} n'est pas un fichier")
    return path


def writable_file(path: Path | None) -> Path | None:
    """Returns the path of a file that an option has written, there already or not.

    Raises:
        BadParameter: it is a folder.
    """
    if path is not None and (path.is_dir() or not path.name):
        raise typer.BadParameter(f"{path} est un dossier ; nommer le fichier à y écrire")
    return path


def possible_folder(path: Path | None) -> Path | None:
    """Returns the path of a folder that an option names, there already or not.

    Raises:
        BadParameter: it is a file.
    """
    if path is not None and path.exists() and not path.is_dir():
        raise typer.BadParameter(f"{path} n'est pas un dossier")
    return path


def some(said: str | int) -> int:
    """Returns the number that an option gives, one at least.

    Raises:
        BadParameter: it is none.
    """
    text = str(said).strip()
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise typer.BadParameter(f"« {said} » n'est pas un nombre entier d'au moins 1")
    return int(text)
