"""Set-up does a step once, and again only when what it is made from changed."""

from pathlib import Path

import pytest

from tools import steps
from tools.steps import Step


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "CACHE", tmp_path / "cache")
    monkeypatch.setattr(steps, "STAMPS", tmp_path / "cache" / "stamps")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source.txt"
    path.write_text("first")
    return path


def counted(source: Path, result: Path) -> tuple[Step, list[str]]:
    done: list[str] = []

    def make() -> None:
        done.append(source.read_text())
        result.write_text("made")

    return Step("counted", "A step", make, (source,), (result,)), done


def test_a_step_is_done_once(source: Path, tmp_path: Path) -> None:
    step, done = counted(source, tmp_path / "result")
    steps.carry_out([step])
    steps.carry_out([step])
    assert done == ["first"]


def test_a_step_is_done_again_when_its_source_changed(source: Path, tmp_path: Path) -> None:
    step, done = counted(source, tmp_path / "result")
    steps.carry_out([step])
    source.write_text("second")
    steps.carry_out([step])
    assert done == ["first", "second"]


def test_a_step_is_done_again_when_its_result_was_deleted(source: Path, tmp_path: Path) -> None:
    result = tmp_path / "result"
    step, done = counted(source, result)
    steps.carry_out([step])
    result.unlink()
    steps.carry_out([step])
    assert len(done) == 2


def test_a_step_that_failed_is_tried_again(source: Path) -> None:
    tries: list[int] = []

    def fail_once() -> None:
        tries.append(1)
        if len(tries) == 1:
            raise OSError("the network was away")

    step = Step("flaky", "A step", fail_once, (source,))
    with pytest.raises(OSError, match="away"):
        steps.carry_out([step])
    steps.carry_out([step])
    assert len(tries) == 2


def test_the_larger_set_of_packages_covers_the_smaller(source: Path, tmp_path: Path) -> None:
    larger, _ = counted(source, tmp_path / "result")
    done: list[str] = []
    smaller = Step("small", "Less", lambda: done.append("x"), (source,), also_done_by=(larger,))
    steps.carry_out([larger, smaller])
    assert not done
