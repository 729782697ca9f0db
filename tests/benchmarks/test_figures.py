"""The form of what the benchmarks say; how fast anything is, they measure themselves."""

import json
import re
from pathlib import Path

import pytest

import benchmarks
from benchmarks.__main__ import BENCHMARKS, main
from benchmarks.figures import Figure, write


@pytest.mark.parametrize(
    ("figure", "line"),
    [
        (
            Figure("home_page", 71.234, "requests/s", 142.468),
            "home_page 71.23 requests/s 142.5 0.5",
        ),
        (Figure("build_posts", 6123.4, "posts/s", 5000), "build_posts 6123 posts/s 5000 1.225"),
        (Figure("home_page_queries", 5, "queries", 8), "home_page_queries 5 queries 8 0.625"),
        (Figure("download_memory", 0.0, "MiB", 16), "download_memory 0 MiB 16 0"),
    ],
)
def test_a_figure_is_one_line_of_five_words(figure, line):
    assert str(figure) == line
    assert len(line.split()) == 5


def test_a_unit_is_one_word():
    with pytest.raises(ValueError, match="of all"):
        Figure("one", 1.0, "of all", 1.0)


def test_each_benchmark_yields_the_figures_that_it_is_listed_with():
    for name, keys in BENCHMARKS.items():
        source = (Path(benchmarks.__file__).parent / f"{name}.py").read_text()
        assert set(re.findall(r'Figure\("(\w+)"', source)) <= set(keys), name


def test_the_file_says_the_same_as_the_lines(tmp_path):
    figures = [Figure("one", 1234.56, "posts/s", 5000), Figure("two", 0.12345, "MiB", 16)]
    write(figures, tmp_path / "latest.json")
    content = json.loads((tmp_path / "latest.json").read_text())
    assert list(content) == ["one", "two"]
    for figure in figures:
        said = content[figure.key]
        assert list(said) == ["value", "unit", "limit", "ratio"]
        _, value, unit, limit, ratio = str(figure).split()
        assert (said["value"], said["unit"], said["limit"], said["ratio"]) == (
            float(value),
            unit,
            float(limit),
            float(ratio),
        )


@pytest.mark.parametrize("arguments", [["nothing_like_it"], ["home_page", "download"]])
def test_an_unknown_key_is_refused_with_the_known_ones(arguments, capsys):
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert all(key in captured.err for key in BENCHMARKS)
