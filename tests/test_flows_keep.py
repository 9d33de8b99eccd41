"""A workspace that keeps no text beyond reading writes the very reports of one that keeps all."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from flows import plain

sys.path.append(str(Path(__file__).parent / "support"))
import county


def play(home: Path, days: int) -> tuple[int, int]:
    """Play two weekly runs; return how many texts are kept, and of how many versions."""
    with county.opened(home, region=county.DRAYHOLT) as (bench, site, clock):
        bench.workspace = replace(bench.workspace, full_text_days=days)
        for moment in (1, 3):
            clock.moment = site.moment = moment
            plain.run(str(home), county.EARLY_WEEK if moment == 1 else county.WEEK)
        bench.store.compact()
        held = bench.store.holdings()
        return held.texts, held.versions


@pytest.mark.timeout(600)
def test_reports_do_not_depend_on_how_long_texts_are_kept(tmp_path: Path) -> None:
    texts, versions = play(tmp_path / "all", -1)
    assert texts == versions > 50
    left, same = play(tmp_path / "none", 0)
    assert same == versions
    assert left < 5, "only bare headlines"
    assert county.report_bytes(tmp_path / "none") == county.report_bytes(tmp_path / "all")
    families = [county.dump(tmp_path / name)["family"] for name in ("none", "all")]
    assert families[0] == families[1]
