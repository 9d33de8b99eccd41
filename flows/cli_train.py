"""Command `train`: one training run, from labelled sentences to a model with its card."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click


@click.command()
@click.option("--gold", type=click.Path(path_type=Path), help="Real sentences labelled by the codebook (JSONL).")
@click.option("--news", type=click.Path(path_type=Path), help="Unlabelled news sentences (JSONL, may be .xz).")
@click.option("--public", type=click.Path(path_type=Path), help="Folder of fetched public sets. Default: your cache.")
@click.option("--output", type=click.Path(path_type=Path), help="Folder to write. Default: the shipped model's place.")
@click.option("--encoder", help="Name on a hub, or folder, of another encoder to start from (safetensors only).")
@click.option("--seed", default=20261101, show_default=True)
@click.option("--tune/--no-tune", default=True, help="Train the encoder's upper layers (needs torch), or only heads.")
def train(  # noqa: PLR0917 (one parameter an option)
    gold: Path | None,
    news: Path | None,
    public: Path | None,
    output: Path | None,
    encoder: str | None,
    seed: int,
    *,
    tune: bool,
) -> None:
    """Train the frame model on the project's corpus, and on real sentences where you have them.

    A stopped run goes on where it was. Writes encoder, heads, vocabulary, metrics and CARD.md. Without --gold nothing
    is measured on real text, and the card and the reports say so.
    """
    from tqdm import tqdm

    from flows.cli_corpora import default_cache
    from models.base import NAME
    from models.layout import ARTEFACTS
    from models.public import public_units
    from models.train import Options
    from models.train import train as run

    bars: dict[str, Any] = {}

    def tell(what: str, done: int, total: int) -> None:
        if what not in bars:
            bars[what] = tqdm(desc=what, total=total, disable=None, ncols=80)
        bars[what].update(done - bars[what].n)

    options = Options(
        gold=gold,
        news=news,
        public=public_units(public or default_cache()),
        output=output or ARTEFACTS / "frames",
        # Heads alone are fitted on the encoder that is shipped, wherever they are written.
        encoder=ARTEFACTS / "encoder" if output is None or not tune else output.parent / "encoder",
        base=encoder or NAME,
        seed=seed,
        tune=tune,
    )
    manifest = run(options, tell)
    for one in bars.values():
        one.close()
    click.echo(f"Trained {manifest.coder}; see CARD.md in {options.output}.")
