"""`python -m training demographics|detector|embedding|studies`; a part is imported, torch with it, when asked for."""

from __future__ import annotations

import importlib
import sys

import typer

from footfall.errors import FootfallError

PARTS = {
    "demographics": "The built-in demographics network: gender and age from one face.",
    "detector": "The built-in face detector.",
    "embedding": "The built-in embedding network: whether two faces are of one person.",
    "studies": "The networks of the source documents, compared.",
}

app = typer.Typer(help="Train, evaluate and export the models.", no_args_is_help=True, add_completion=False)


def _mount(part: str, summary: str) -> None:
    settings = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}

    @app.command(part, help=summary, context_settings=settings, add_help_option=False)
    def run_part(context: typer.Context) -> None:
        module = importlib.import_module(f"training.{part}.cli")
        module.app(args=context.args, prog_name=f"python -m training {part}")


for _part, _summary in PARTS.items():
    _mount(_part, _summary)


def main() -> None:
    """Run the command line; a mistake of the user is one line and exit code 2."""
    try:
        app()
    except FootfallError as error:
        typer.echo(f"error: {error}", err=True)
        sys.exit(2)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] == "training":
            raise
        typer.echo(f"error: {error.name} is missing; install the extra: pip install 'mall-footfall[train]'", err=True)
        sys.exit(2)


if __name__ == "__main__":
    main()
