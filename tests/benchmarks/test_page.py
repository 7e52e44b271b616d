"""The page says what the result files say, and what is committed is the page of what is committed."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmarks.page.command import DOCS, page, render, write_page
from benchmarks.page.result import NAMES, RESULTS, read_results
from tests.benchmarks.made_up import MACHINE, make_results

pytestmark = pytest.mark.slow

# A reader gets through it.
LINES_MAX = 200


def test_the_committed_page_follows_from_the_committed_results(tmp_path: Path) -> None:
    """A figure that nobody has measured, or a picture of an older one, does not stay."""
    write_page(read_results(RESULTS), tmp_path)
    assert _read_all(tmp_path) == _read_all(DOCS), "write the page anew: python -m benchmarks page"


def test_the_page_is_short() -> None:
    """Every section has its place, and no list grows with the runs."""
    assert render(make_results()).count("\n") < LINES_MAX


def test_without_results_the_page_tells_how_to_get_them() -> None:
    """A missing file gives no section."""
    text = render({})
    assert all(f"`python -m benchmarks {name}`" in text for name in ("compare", "latency", "curve", "stages", "page"))
    assert "## " not in text


@pytest.mark.parametrize("name", NAMES)
def test_each_result_can_be_missing(name: str) -> None:
    """Measurements take hours, and some are made before others."""
    others = {other: result for other, result in make_results().items() if other != name}
    text = render(others)
    assert f"performance/{name}.svg" not in text
    assert all(f"performance/{other}.svg" in text for other in others)
    said = "Measured on 2026-11-22 of commit abc1234 on 2 cores, 24 GiB, Linux; Python 3.11.7."
    assert text.count(said) == len(others)


def test_a_candidate_is_its_median_and_its_spread() -> None:
    """The fastest run of each would flatter whoever varies most."""
    text = render(make_results())
    assert "| the product | 90,000 | 81,000 to 99,000 | 0.90 | 6.7, 1.1, 3.3 | 100, 300 |  |" in text
    assert "| another peer |  |  |  |  |  | cannot be had here: no package for this machine |" in text


def test_goals_stand_beside_what_was_reached() -> None:
    """What was not reached must not look like what was."""
    text = render(make_results())
    for row in (
        "| beside the bare loop | at least 0.8 times | 0.9 times | reached |",
        "| beside Kafka Streams | at least 1.5 times | 3 times | reached |",
        "| records a second (an aim) | at least 170,000 records/s | 90,000 records/s | **not reached** |",
        "| 50 million facts in the ledger, to none | at least 0.9 times | 0.95 times | reached |",
        "| the same with random ids, to none and ordered ids | at least 0.6 times | 0.5 times | **not reached** |",
        "| one retry for 20 events, to one for 1,000 | at least 0.6 times | 0.8 times | reached |",
        "| 99 of 100 events shown, at 1,000 events/s | at most 250 ms | 20 ms | reached |",
        "| the nation's history (an aim) | at most 15 minutes | 20 minutes | **not reached** |",
    ):
        assert row in text


def test_latencies_are_told_by_percentile() -> None:
    """A mean would hide who waits longest."""
    assert "| 20,000 | 1,000 | 200 | 200 | 400 | 400 | 400 | 30% | 1 ms |" in render(make_results())


def test_a_curve_is_one_row() -> None:
    """What lies side by side can be compared."""
    text = render(make_results())
    assert "| processes, the product | 1 / 2 | 50 / 90 | 100 / 100 |" in text
    assert "| million facts in the ledger before, v7 | 0 / 50 | 90 / 85.5 | 100 / 100 |" in text


def test_stages_are_parts_of_a_process() -> None:
    """Shares of different processes do not add up."""
    text = render(make_results())
    assert "| decode | 3.00 | 50% |" in text
    assert "stream worker 0.1, Kafka 1.0." in text


def test_the_nation_is_exact_or_its_error_is_shown() -> None:
    """One event too few in 153 million is one too few."""
    text = render(make_results())
    assert "**20 minutes, 128,000 events/s**" in text
    assert "| accounts activated | 53,880,000 | 53,880,000 | exact |" in text
    assert "| portal logins | 24,149,999 | 24,150,000 | **-1** |" in text


def test_limits_follow_from_what_was_measured() -> None:
    """Both processors are busy for half of the time: there is room for twice as much."""
    text = render(make_results())
    assert (
        "together\n11.1 µs. 2 processors have room for 180,000 such records a second; the run reached 90,000, 50%"
        in text
    )
    assert "In a consumer the largest stages are *decode* (3.0 µs), *validate* (2.0 µs) and *insert* (1.0 µs)." in text
    assert "That is 10.3 µs" in text
    assert "194,000 records a second on 2 processors" in " ".join(text.split())


def test_the_command_writes_what_result_files_say(tmp_path: Path) -> None:
    """Files that a command has written are read as they are; pictures of results that are gone go as well."""
    results, docs = tmp_path / "results", tmp_path / "docs"
    results.mkdir()
    (docs / "performance").mkdir(parents=True)
    (docs / "performance" / "stages.svg").touch()
    made_up = replace(make_results()["compare"], missing={})
    content = {
        "at": made_up.at,
        "commit": made_up.commit,
        "machine": MACHINE,
        "python": "3.11.7",
        "packages": {},
        "measured": made_up.measured,
    }
    (results / "compare.json").write_text(json.dumps(content), encoding="utf-8")
    done = CliRunner().invoke(page, ["--results", str(results), "--docs", str(docs)])
    assert done.exit_code == 0, done.output
    assert (docs / "performance.md").read_text(encoding="utf-8") == render({"compare": made_up})
    assert [picture.name for picture in (docs / "performance").iterdir()] == ["compare.svg"]


def _read_all(docs: Path) -> dict[str, str]:
    """Return the page and its pictures."""
    paths = [docs / "performance.md", *(docs / "performance").glob("*.svg")]
    return {path.name: path.read_text(encoding="utf-8") for path in paths}
