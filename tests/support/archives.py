"""Small invented archives: the same stories as tables, as a WARC file and as a folder of pages."""

from __future__ import annotations

import csv
import gzip
import json
import os
import signal
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parent))
import texts

HOST = "www.orren-echo.test"
NOW = datetime(2026, 9, 1, 9, tzinfo=UTC)
CAPTURED = "2026-08-06T10:00:00Z"
COLUMNS = ("url", "title", "text", "published", "captured", "outlet", "byline")

CATALOGUE = {
    "regions.csv": "gss,name,tier,parent,county,aliases\n"
    "Z92000001,Orrenland,nation,,,\nTLZ,Orr Valley,itl1,Z92000001,,\n"
    "Z07000001,Kelderby,lad,TLZ,,\nZ07000002,Farhaven,lad,TLZ,,\n",
    "sources.csv": "slug,outlet,owner,homepage,feed_url,areas,certainty,evidence\n"
    f"orren-echo,Orren Echo,,https://{HOST}/,https://{HOST}/rss,Z07000001,A,\n"
    "farhaven-post,Farhaven Post,,https://www.farhaven-post.test/,https://www.farhaven-post.test/rss,Z07000002,A,\n",
}


def stories(count: int, *, host: str = HOST) -> list[dict[str, str]]:
    """Invented stories of the first days of August 2026."""
    return [
        {
            "url": f"https://{host}/news/{n}?utm_source=rss",
            "title": f"Notice {n} of the harbour trust",
            "text": texts.story(n, words=90),
            "published": f"2026-08-0{1 + n % 5}",
            "captured": CAPTURED,
            "outlet": "",
            "byline": "Asha Pell, Local Democracy Reporter",
        }
        for n in range(count)
    ]


def page(row: dict[str, str], *, more: str = "") -> bytes:
    head = (
        f'<meta name="author" content="{row["byline"]}"><link rel="canonical" href="{row["url"]}">'
        f'<meta property="article:published_time" content="{row["published"]}">{more}'
    )
    return bytes(texts.page(row["title"], row["text"], head=head))


def jsonl(path: Path, rows: Iterable[Any]) -> Path:
    body = "".join(f"{one if isinstance(one, str) else json.dumps(one)}\n" for one in rows).encode()
    path.write_bytes(gzip.compress(body) if path.suffix == ".gz" else body)
    return path


def table(path: Path, rows: Sequence[dict[str, str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, COLUMNS, delimiter="\t" if path.suffix == ".tsv" else ",")
        writer.writeheader()
        writer.writerows(rows)
    return path


def parquet(path: Path, rows: Sequence[dict[str, str]]) -> Path:
    import polars as pl

    pl.DataFrame(list(rows), schema=dict.fromkeys(COLUMNS, pl.String)).write_parquet(path)
    return path


def folder(path: Path, rows: Sequence[dict[str, str]]) -> Path:
    for number, row in enumerate(rows):
        inside = path / f"part{number % 2}"
        inside.mkdir(parents=True, exist_ok=True)
        (inside / f"{number}.html").write_bytes(page(row))
        (inside / f"{number}.json").write_text(json.dumps({"captured": row["captured"]}))
    return path


def answer(
    body: bytes, *, status: str = "200 OK", content_type: str = "text/html; charset=utf-8", more: Sequence[str] = ()
) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {content_type}", *more]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def record(
    content: bytes,
    url: str = "",
    *,
    kind: str = "response",
    date: str = CAPTURED,
    length: int | str | None = None,
    more: Sequence[str] = (),
) -> bytes:
    lines = [
        "WARC/1.0",
        f"WARC-Type: {kind}",
        f"WARC-Date: {date}",
        f"WARC-Record-ID: <urn:uuid:{abs(hash(content)):032x}>",
        f"Content-Type: {'application/warc-fields' if kind == 'warcinfo' else 'application/http; msgtype=response'}",
        f"Content-Length: {len(content) if length is None else length}",
        *([f"WARC-Target-URI: {url}"] if url else []),
        *more,
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + content + b"\r\n\r\n"


def records(rows: Sequence[dict[str, str]]) -> list[bytes]:
    """As a crawler writes them: what it is, then each page with its request."""
    made = [record(b"software: invented\r\n", kind="warcinfo")]
    for row in rows:
        made.append(record(b"GET / HTTP/1.1\r\n\r\n", row["url"], kind="request"))
        made.append(record(answer(page(row)), row["url"], date=row["captured"]))
    return made


def warc(path: Path, made: Iterable[bytes], *, whole: bool = False) -> Path:
    """Write records: plain, or packed one by one, or (`whole`) packed as one."""
    some = list(made)
    packed = path.suffix == ".gz"
    path.write_bytes(
        gzip.compress(b"".join(some)) if packed and whole else b"".join(map(gzip.compress, some) if packed else some)
    )
    return path


def workspace(home: Path, *, regions: Sequence[str] = ("Z07000001",), **more: Any) -> Any:
    """A workspace with a catalogue of two outlets."""
    from flows.settings import Workspace

    catalogue = home / "catalogue"
    catalogue.mkdir(parents=True, exist_ok=True)
    for name, text in CATALOGUE.items():
        (catalogue / name).write_text(text)
    made = Workspace(home=home, regions=tuple(regions), pages=False, contact="a@b.test", catalogue=catalogue, **more)
    made.save()
    return made


@contextmanager
def opened(home: Path, **more: Any) -> Iterator[Any]:
    """The bench of such a workspace, whose clock stands still."""
    from flows.bench import Bench, close_benches, put_bench

    made = Bench(workspace=workspace(home, **more), clock=lambda: NOW)
    put_bench(made)
    try:
        yield made
    finally:
        close_benches()


def main() -> int:
    """Import and die inside the N-th batch (0: never): python archives.py HOME SOURCE N."""
    from corpora.store import Store
    from flows import import_archive

    home, source, number = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    import_archive.BATCH = 4
    transaction, calls = Store.transaction, 0
    saving = import_archive.save_imported

    def counted(store: Store, *arguments: Any, **options: Any) -> Any:
        nonlocal calls
        calls += 1

        @contextmanager
        def cut(self: Store) -> Iterator[Any]:
            with transaction(self) as connection:
                yield connection
                os.kill(os.getpid(), signal.SIGKILL)  # all is written, nothing is committed

        if calls == number:
            Store.transaction = cut  # type: ignore[method-assign]
        return saving(store, *arguments, **options)

    import_archive.save_imported = counted
    with opened(home):
        import_archive.import_archive(str(home), source)
    return 0


if __name__ == "__main__":
    sys.exit(main())
