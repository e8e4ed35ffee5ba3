"""The command line: explorer serve, check and record; what concerns the database is in modules of its own."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path
from typing import Annotated

import typer

from explorer import cli_backup, cli_editor, cli_store, logs
from explorer.check import Report, check_shared, check_topic
from explorer.command import read_settings
from explorer.connections import TooFewFiles, bounded
from explorer.content import Content, load_content, load_frame
from explorer.content.recordings import NAME, timeline_text
from explorer.demos import Demos, Limits
from explorer.ending import end
from explorer.errors import Complaint, ContentError
from explorer.kept import Shelf
from explorer.recording import RecordingFailed
from explorer.recording import record as record_topic
from explorer.serving import run_processes
from explorer.timeline import Recorded

app = typer.Typer(
    help="Compare Flask and FastAPI topic by topic with code that really runs.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(cli_editor.app, name="editor")
app.add_typer(cli_store.db, name="db")
app.command()(cli_store.export)
app.command("import")(cli_store.import_words)
app.command()(cli_backup.backup)
app.command()(cli_backup.restore)


def main() -> None:
    """Run the command line."""
    app()


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on [EXPLORER_HOST, 127.0.0.1].")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Port to listen on [EXPLORER_PORT, 8000].")] = None,
    workers: Annotated[int | None, typer.Option(min=1, max=64, help="Processes [EXPLORER_WORKERS, 1].")] = None,
) -> None:
    """Serve the site until SIGTERM or Ctrl-C; running requests get a few seconds to finish."""
    signal.signal(signal.SIGTERM, end)
    settings = read_settings()
    try:
        load_frame(settings.content)  # read again by each process: here it can be refused in one line
        http = bounded(settings.client_timeout, settings.connections)
    except (ContentError, TooFewFiles) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    host, port = host or settings.host, settings.port if port is None else port
    cli_editor.invite(host, port)  # here, not in each process: it is printed once
    workers = workers or settings.workers
    os.environ["EXPLORER_WORKERS"] = str(workers)  # each process reads the settings again
    logs.configure(settings.log_level)
    run_processes(
        workers,
        host=host,
        port=port,
        # h11 is stricter than httptools: one Host, bounded headers, no HTTP/0.9
        http=http,
        h11_max_incomplete_event_size=64 * 1024,
        ws="none",
        server_header=False,
        access_log=False,
        log_config=None,
        log_level=settings.log_level,  # without a level of its own, uvicorn takes "not set" for "trace"
        proxy_headers=True,
        forwarded_allow_ips=settings.trusted_proxies,
        timeout_keep_alive=5,
        timeout_worker_healthcheck=30,  # a slow machine needs more than the default 5 s to start a process at all
        timeout_graceful_shutdown=settings.stop_timeout,
    )


@app.command()
def check(
    slugs: Annotated[list[str] | None, typer.Argument(help="Topics to check; all if none is named.")] = None,
    content: Annotated[Path | None, typer.Option(help="Content folder [EXPLORER_CONTENT].")] = None,
    keep: Annotated[Path | None, typer.Option(help="Folder for what is as declared, for the next start.")] = None,
) -> None:
    """Run every scenario on every variant and hold words, quotes and answers against each other."""
    try:
        loaded = load_content(content or read_settings().content)
    except ContentError as error:
        typer.echo(error.detail, err=True)
        raise typer.Exit(1) from None
    unknown = set(slugs or ()) - {t.slug for t in loaded.topics} - {c.file.split("/")[2] for c in loaded.complaints}
    if unknown:
        typer.echo(f"There is no topic {', '.join(sorted(unknown))} in {loaded.root}/topics.", err=True)
        raise typer.Exit(2)
    complaints = [c for c in loaded.complaints if not slugs or c.file.split("/")[2] in slugs]
    reports, shared = asyncio.run(_reports(loaded, slugs, Shelf(keep)))
    for report in reports:
        wrong = f"{len(report.complaints)} wrong" if report.complaints else "all as declared"
        counts = f"{report.scenarios} scenarios on {report.variants} variants, {report.answers} answers"
        typer.echo(f"{report.slug:24} {counts}: {wrong}")
        complaints += report.complaints
    complaints += shared
    for complaint in complaints:
        typer.echo(str(complaint), err=True)
    if complaints:
        raise typer.Exit(1)


async def _reports(content: Content, slugs: list[str] | None, shelf: Shelf) -> tuple[list[Report], list[Complaint]]:
    """Check the topics named; shims, matrix and front page only where all are checked."""
    topics = [topic for topic in content.topics if not slugs or topic.slug in slugs]
    demos = Demos(Limits())
    try:
        reports = [await check_topic(topic, content, demos, shelf) for topic in topics]
        return reports, [] if slugs else await check_shared(content, demos, reports)
    finally:
        demos.close()


@app.command()
def record(
    slug: Annotated[str, typer.Argument(help="The topic, one that declares [[recordings]].")],
    runs: Annotated[int, typer.Option(min=1, max=99, help="How often each is run; the median run is kept.")] = 5,
    content: Annotated[Path | None, typer.Option(help="Content folder [EXPLORER_CONTENT].")] = None,
) -> None:
    """Time a topic's recordings under real servers on this machine, and write its timeline.json."""
    try:
        loaded = load_content(content or read_settings().content)
    except ContentError as error:
        typer.echo(error.detail, err=True)
        raise typer.Exit(1) from None
    topic = next((t for t in loaded.topics if t.slug == slug), None)
    if topic is None or not topic.recordings:
        wrong = [str(c) for c in loaded.complaints if c.file.split("/")[2] == slug]
        why = "declares no [[recordings]]" if topic else "does not exist"
        typer.echo("\n".join(wrong) or f"The topic {slug} {why} in {loaded.root}/topics.", err=True)
        raise typer.Exit(1 if wrong else 2)
    try:
        timeline = record_topic(topic, runs, _say)
    except RecordingFailed as error:
        typer.echo(error.detail, err=True)
        raise typer.Exit(1) from None
    (topic.folder / NAME).write_text(timeline_text(timeline), encoding="utf-8")


def _say(recorded: Recorded) -> None:
    durations = ", ".join(f"{duration:g}" for duration in recorded.durations)
    typer.echo(f"{recorded.id:24} {len(recorded.flights)} requests in {recorded.last:g} ms, median of {durations}")
