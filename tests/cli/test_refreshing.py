"""Looking for changes in all mounts: what becomes of one is no matter of the others."""

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from mirrorfs import control
from mirrorfs.cli.commands import cli
from mirrorfs.core.errors import Denied, MirrorError, NotFound, RateLimited, Unavailable

Answers = dict[tuple[str, str], list[MirrorError | int]]
"""Mountpoint and name → what each look there comes to: an error, or how much changed."""


@pytest.fixture
def refresh(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    def run(answers: Answers, *args: str) -> Result:
        folders = dict.fromkeys(folder for folder, _ in answers)

        def ask(folder: Path, verb: str, about: str = "") -> dict[str, Any]:
            if verb == "status":
                names = [name for where, name in answers if where == str(folder)]
                return {"remotes": [{"remote": "cloud:", "name": name} for name in names]}
            answer = answers[str(folder), about].pop(0)
            if isinstance(answer, MirrorError):
                raise answer
            return {"changed": answer, "calls": 2}

        mounted = [control.Mounted(Path(folder), "cloud:", 1) for folder in folders]
        monkeypatch.setattr(control, "mounts", lambda: mounted)
        monkeypatch.setattr(control, "ask", ask)
        return CliRunner().invoke(cli, ["refresh", *args])

    return run


def test_all_are_tried_and_each_error_is_named(refresh: Callable[..., Result]) -> None:
    done = refresh(
        {
            ("/a", ""): [Unavailable("It cannot be reached.")],
            ("/b", "One"): [Denied("The key is wrong.")],
            ("/b", "Two"): [1],
            ("/c", ""): [0],
        }
    )
    assert done.exit_code == 5
    assert done.stderr.splitlines() == [
        "mirrorfs: /a: It cannot be reached.",
        "mirrorfs: /b cloud:=One: The key is wrong.",
    ]
    assert done.stdout.splitlines() == [
        "/b cloud:=Two: 1 changed, 2 API calls",
        "/c: nothing changed, 2 API calls",
    ]


def test_who_has_to_wait_comes_last(
    refresh: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    monkeypatch.setattr(time, "sleep", waits.append)
    late, soon = (RateLimited("Used up.", time.time() + wait) for wait in (2000, 1000))
    done = refresh({("/a", ""): [late, late, 1], ("/b", ""): [soon, soon, 2], ("/c", ""): [3]})
    assert done.exit_code == 0
    assert [line[:2] for line in done.stdout.splitlines()] == ["/c", "/b", "/a"]
    assert [round(wait, -3) for wait in waits] == [1000, 2000]
    said = [re.sub(r"\d\d:\d\d:\d\d", "14:05:10", line) for line in done.stderr.splitlines()]
    assert said == [
        "/b: Waiting until 14:05:10 (in 17 min) for the quota; Ctrl-C ends.",
        "/a: Waiting until 14:05:10 (in 33 min) for the quota; Ctrl-C ends.",
    ]


def test_told_not_to_wait_it_tries_the_others(refresh: Callable[..., Result]) -> None:
    limited = RateLimited("Used up.", time.time() + 1000)
    done = refresh({("/a", ""): [limited, limited], ("/b", ""): [3]}, "--no-wait")
    assert done.exit_code == 11
    assert re.fullmatch(
        r"mirrorfs: /a: Used up\.\n"
        r"The quota is there again at \d\d:\d\d:\d\d \(in 17 min\)\.\n",
        done.stderr,
    )
    assert done.stdout == "/b: 3 changed, 2 API calls\n"


def test_the_first_error_is_the_status(refresh: Callable[..., Result]) -> None:
    limited = RateLimited("Used up.", time.time() + 1000)
    done = refresh({("/a", ""): [limited, limited], ("/b", ""): [NotFound("Gone.")]}, "--no-wait")
    assert done.exit_code == 3
