"""`session-store completion`."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from session_store.cli.command import operator_command

_SHELLS = ("bash", "zsh", "fish")
_VARIABLE = "_SESSION_STORE_COMPLETE"


@operator_command(
    "completion",
    examples="""
        # bash: for this shell, and for all later ones in ~/.bashrc
        eval "$(session-store completion bash)"
        # zsh: the same in ~/.zshrc, after compinit
        eval "$(session-store completion zsh)"
        # fish:
        session-store completion fish > ~/.config/fish/completions/session-store.fish
    """,
)
@click.argument("shell", type=click.Choice(_SHELLS))
@click.pass_context
def command(ctx: click.Context, shell: str) -> None:
    """Print the script that makes a shell complete commands, options, profiles and environments."""
    kind = get_completion_class(shell)
    program = ctx.find_root()
    if kind is not None:
        click.echo(kind(program.command, {}, str(program.info_name), _VARIABLE).source())
