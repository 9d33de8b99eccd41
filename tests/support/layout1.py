"""A store as the first version of the program made it, frozen here so that it can always be brought up to date."""

from __future__ import annotations

import zlib
from pathlib import Path

import sqlalchemy as sa
from storing import AREAS, CODER, SEEN, STORY

TABLES = """
CREATE TABLE meta ("key" VARCHAR(64) NOT NULL, value TEXT NOT NULL, PRIMARY KEY ("key"));
CREATE TABLE feed (url TEXT NOT NULL, outlet VARCHAR(120) NOT NULL, state VARCHAR(20) NOT NULL, detail TEXT NOT NULL,
 checked_at VARCHAR(32) NOT NULL, alive_at VARCHAR(32), etag TEXT NOT NULL, last_modified TEXT NOT NULL,
 body_hash VARCHAR(64) NOT NULL, PRIMARY KEY (url));
CREATE TABLE feed_check (url TEXT NOT NULL, at VARCHAR(32) NOT NULL, outlet VARCHAR(120) NOT NULL,
 state VARCHAR(20) NOT NULL, detail TEXT NOT NULL, entries INTEGER NOT NULL, new_stories INTEGER NOT NULL,
 new_versions INTEGER NOT NULL, thin INTEGER NOT NULL, PRIMARY KEY (url, at));
CREATE TABLE entry ("key" VARCHAR(40) NOT NULL, outlet VARCHAR(120) NOT NULL, entry_hash VARCHAR(40) NOT NULL,
 outcome VARCHAR(20) NOT NULL, story_id VARCHAR(40) NOT NULL, PRIMARY KEY ("key"));
CREATE TABLE story (story_id VARCHAR(40) NOT NULL, url TEXT NOT NULL, outlet VARCHAR(120) NOT NULL,
 published VARCHAR(32) NOT NULL, published_trusted BOOLEAN NOT NULL, first_seen VARCHAR(32) NOT NULL,
 PRIMARY KEY (story_id));
CREATE INDEX story_by_outlet ON story (outlet, published);
CREATE INDEX story_by_time ON story (published);
CREATE TABLE version (version_id VARCHAR(40) NOT NULL, story_id VARCHAR(40) NOT NULL, number INTEGER NOT NULL,
 seen_at VARCHAR(32) NOT NULL, title TEXT NOT NULL, text BLOB NOT NULL, text_from VARCHAR(10) NOT NULL,
 byline TEXT NOT NULL, PRIMARY KEY (version_id));
CREATE INDEX ix_version_story_id ON version (story_id);
CREATE TABLE family (story_id VARCHAR(40) NOT NULL, family_id VARCHAR(40) NOT NULL, kind VARCHAR(20) NOT NULL,
 PRIMARY KEY (story_id));
CREATE INDEX ix_family_family_id ON family (family_id);
CREATE TABLE place (story_id VARCHAR(40) NOT NULL, gss VARCHAR(12) NOT NULL, method VARCHAR(20) NOT NULL,
 PRIMARY KEY (story_id, gss));
CREATE INDEX place_by_region ON place (gss);
CREATE TABLE coder (coder VARCHAR(80) NOT NULL, kind VARCHAR(10) NOT NULL, digest VARCHAR(64) NOT NULL,
 codebook VARCHAR(20) NOT NULL, thresholds TEXT NOT NULL, quality TEXT NOT NULL, PRIMARY KEY (coder));
CREATE TABLE reading (version_id VARCHAR(40) NOT NULL, coder VARCHAR(80) NOT NULL, sentences INTEGER NOT NULL,
 capped BOOLEAN NOT NULL, PRIMARY KEY (version_id, coder));
CREATE TABLE sentence (version_id VARCHAR(40) NOT NULL, unit VARCHAR(10) NOT NULL, start INTEGER NOT NULL,
 "end" INTEGER NOT NULL, voice VARCHAR(10) NOT NULL, groups TEXT NOT NULL, spans TEXT NOT NULL,
 PRIMARY KEY (version_id, unit, start));
CREATE TABLE label (version_id VARCHAR(40) NOT NULL, unit VARCHAR(10) NOT NULL, start INTEGER NOT NULL,
 "end" INTEGER NOT NULL, frame VARCHAR(20) NOT NULL, aspect VARCHAR(10) NOT NULL, coder VARCHAR(80) NOT NULL,
 probability FLOAT NOT NULL, codebook VARCHAR(20) NOT NULL,
 PRIMARY KEY (version_id, unit, start, frame, aspect, coder));
CREATE INDEX label_by_frame ON label (coder, frame, aspect, probability)
"""

ROWS: dict[str, dict[str, object]] = {
    "meta": {"key": "schema", "value": "1"},
    "entry": {"key": "k", "outlet": STORY.outlet, "entry_hash": "w", "outcome": "story", "story_id": STORY.id},
    "story": {
        "story_id": STORY.id, "url": STORY.url, "outlet": STORY.outlet, "published": SEEN.isoformat(),
        "published_trusted": True, "first_seen": SEEN.isoformat(),
    },
    "version": {
        "version_id": STORY.version_id, "story_id": STORY.id, "number": 1, "seen_at": SEEN.isoformat(),
        "title": STORY.title, "text": zlib.compress(STORY.text.encode(), 6), "text_from": "page", "byline": "",
    },
    "family": {"story_id": STORY.id, "family_id": STORY.id, "kind": ""},
    "place": {"story_id": STORY.id, "gss": AREAS[0][0], "method": AREAS[0][1]},
    "coder": {
        "coder": CODER.name, "kind": "model", "digest": "0", "codebook": "1",
        "thresholds": '{"blame.active": 0.5}', "quality": "{}",
    },
    "reading": {"version_id": STORY.version_id, "coder": CODER.name, "sentences": 3, "capped": False},
    "sentence": {
        "version_id": STORY.version_id, "unit": "body", "start": 0, "end": 14, "voice": "OUTLET",
        "groups": '["NEWCOMERS"]', "spans": '[["group", "NEWCOMERS", 0, 3]]',
    },
    "label": {
        "version_id": STORY.version_id, "unit": "body", "start": 0, "end": 14, "frame": "blame", "aspect": "active",
        "coder": CODER.name, "probability": 0.9, "codebook": "1",
    },
}  # fmt: skip


def make(where: Path | str, *, filler: int = 0) -> None:
    """Make the store of one story; `filler` adds that many more, each with an incompressible text of 20,000 characters.

    Made in WAL mode and closed properly, as the program leaves it.
    """
    if isinstance(where, Path):
        where.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    url = sa.URL.create("sqlite", database=str(where)) if isinstance(where, Path) else sa.make_url(where)
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        if isinstance(where, Path):
            connection.exec_driver_sql("PRAGMA journal_mode = WAL")
        for statement in TABLES.split(";"):
            blob = "BLOB" if isinstance(where, Path) else "BYTEA"
            connection.exec_driver_sql(statement.replace(" BLOB ", f" {blob} "))
        for name, row in ROWS.items():
            _insert(connection, name, row)
        for n in range(filler):
            more = {"version_id": f"v{n}", "story_id": f"s{n}", "text": n.to_bytes(4, "big") * 5000}
            _insert(connection, "version", ROWS["version"] | more)
        connection.commit()


def _insert(connection: sa.Connection, name: str, row: dict[str, object]) -> None:
    table = sa.table(name, *(sa.column(column) for column in row))
    connection.execute(table.insert().values(row))
