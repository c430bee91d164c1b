"""The commands by name. Each lives in a module of its own and imports what it needs when it runs."""

from __future__ import annotations

import typer

from seamline.cli.case import verify_case
from seamline.cli.collections import drop_collection, list_collections
from seamline.cli.compare import compare
from seamline.cli.desk import desk
from seamline.cli.desk_user import desk_user
from seamline.cli.evaluate import evaluate
from seamline.cli.exits import Commands, command
from seamline.cli.gateway import gateway, gateway_token
from seamline.cli.index import index
from seamline.cli.items import delete_items, show_items
from seamline.cli.rebuilding import prune, rebuild, rollback
from seamline.cli.search import search
from seamline.cli.server import down, logs, up
from seamline.cli.status import status
from seamline.cli.systems import systems
from seamline.cli.train import train
from seamline.cli.transfers import export_collection, import_files
from seamline.cli.version import version
from seamline.cli.watch import watch

app = Commands(
    name="seamline",
    help="Find garments that copy another garment's design, part by part.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

_SERVER, _CATALOGUE, _PHOTOS, _NETWORKS = "Server on this machine", "Catalogue", "Photos", "Networks"
_DESK = "Desk"

app.command(rich_help_panel=_SERVER)(command(up))
app.command(rich_help_panel=_SERVER)(command(status))
app.command(rich_help_panel=_SERVER)(command(logs))
app.command(rich_help_panel=_SERVER)(command(down))
app.command(rich_help_panel=_SERVER)(command(gateway))
app.command("gateway-token", rich_help_panel=_SERVER)(command(gateway_token))
app.command(rich_help_panel=_CATALOGUE)(command(index))

collections = typer.Typer(help="List, rebuild, export, import or drop collections.")
collections.callback(invoke_without_command=True)(command(list_collections))
collections.command("rebuild")(command(rebuild))
collections.command("rollback")(command(rollback))
collections.command("prune")(command(prune))
collections.command("export")(command(export_collection))
collections.command("import")(command(import_files))
collections.command("drop")(command(drop_collection))
app.add_typer(collections, name="collections", rich_help_panel=_CATALOGUE)

items = typer.Typer(help="Show what is stored of items, or delete items.", no_args_is_help=True)
items.command("show")(command(show_items))
items.command("delete")(command(delete_items))
app.add_typer(items, name="items", rich_help_panel=_CATALOGUE)

app.command(rich_help_panel=_PHOTOS)(command(search))
app.command(rich_help_panel=_PHOTOS)(command(compare))
app.command(rich_help_panel=_DESK)(command(desk))
app.command(rich_help_panel=_DESK)(command(watch))
app.command("desk-user", rich_help_panel=_DESK)(command(desk_user))

case = typer.Typer(help="Check case files that a desk handed on.", no_args_is_help=True)
case.command("verify")(command(verify_case))
app.add_typer(case, name="case", rich_help_panel=_DESK)

app.command(rich_help_panel=_NETWORKS)(command(systems))
app.command(rich_help_panel=_NETWORKS)(command(train))
app.command(rich_help_panel=_NETWORKS)(command(evaluate))
app.command()(command(version))
