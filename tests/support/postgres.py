"""A PostgreSQL server of the tests' own: in a temporary folder, on a unix socket, gone when they are done."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa

FOLDERS = ("usr/lib/postgresql/*/bin", "usr/local/pgsql/bin", "opt/homebrew/opt/postgresql*/bin")
"""Where packages put the server, which is rarely on the path."""
PASSWORD = "a$ecret:w@rd"
"""Of the role `locked`, the only one that is asked for it."""


def missing() -> str:
    """Why there can be no server here; empty where there can."""
    if importlib.util.find_spec("psycopg") is None:
        return "psycopg is not installed (the extra `postgres`)"
    if not program("initdb") or not program("postgres"):
        return "there is no PostgreSQL server on this computer (initdb, postgres)"
    if os.name == "posix" and os.geteuid() == 0 and not user():
        return "root may not run PostgreSQL, and there is no other user to run it as (postgres, nobody; setpriv)"
    return ""


def program(name: str) -> str:
    """Path of one of PostgreSQL's programs; empty where there is none."""
    beside = sorted(str(path) for folder in FOLDERS for path in Path("/").glob(f"{folder}/{name}"))
    return shutil.which(name) or (beside[-1] if beside else "")


def user() -> str:
    """Who runs the server where we are root, whom it refuses."""
    import pwd

    names = {one.pw_name for one in pwd.getpwall()}
    return next((one for one in ("postgres", "nobody") if one in names), "") if shutil.which("setpriv") else ""


@dataclass
class Server:
    """A running server."""

    folder: Path
    process: subprocess.Popen[bytes]
    databases: int = 0
    engines: list[sa.Engine] = field(default_factory=list)

    def url(self, database: str, role: str = "tester", password: str = "") -> str:
        """Address of a database."""
        made = sa.URL.create(
            "postgresql+psycopg", username=role, password=password or None, database=database,
            query={"host": str(self.folder)},
        )  # fmt: skip
        return made.render_as_string(hide_password=False)

    def run(self, statement: str, database: str = "postgres") -> list[sa.Row[tuple[object, ...]]]:
        """Run one statement as the superuser, outside of a transaction."""
        engine = sa.create_engine(self.url(database), isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
        with engine.connect() as connection:
            done = connection.exec_driver_sql(statement)
            return list(done.all()) if done.returns_rows else []

    def database(self) -> str:
        """Make an empty database; return its address."""
        self.databases += 1
        name = f"store{self.databases}"
        self.run(f"CREATE DATABASE {name} TEMPLATE template0")
        return self.url(name)


@contextmanager
def serving() -> Iterator[Server]:
    """Start a server; stop it and remove its folder at the end."""
    folder = Path(tempfile.mkdtemp(prefix="pg-"))  # a short name: a socket's path may have 107 characters
    as_user: list[str] = []
    if os.geteuid() == 0:
        shutil.chown(folder, user())
        # --pdeathsig: no server stays behind when the tests are killed.
        as_user = ["setpriv", f"--reuid={user()}", "--clear-groups", "--pdeathsig=INT"]
    data = folder / "data"
    quiet = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "cwd": folder}
    try:
        made = subprocess.run(
            [*as_user, program("initdb"), "-D", str(data), "-U", "tester", "-A", "trust", "-E", "UTF8",
             "--locale=C", "--no-sync"], check=False, **quiet,
        )  # fmt: skip
        assert made.returncode == 0, made.stdout.decode(errors="replace")
        (data / "pg_hba.conf").write_text("local all locked scram-sha-256\nlocal all all trust\n")
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [*as_user, program("postgres"), "-D", str(data), "-k", str(folder), "-c", "listen_addresses=",
                 "-c", "fsync=off", "-c", "max_connections=40"], stdout=log, stderr=log, cwd=folder,
            )  # fmt: skip
        try:
            server = Server(folder=folder, process=process)
            _wait(server)
            yield server
        finally:
            process.send_signal(signal.SIGINT)  # ends sessions and shuts down
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _wait(server: Server) -> None:
    until = time.monotonic() + 60
    while True:
        try:
            server.run("SELECT 1")
        except sa.exc.OperationalError:
            log = (server.folder / "log").read_text(errors="replace")
            assert server.process.poll() is None, log
            assert time.monotonic() < until, log
            time.sleep(0.1)
        else:
            return
