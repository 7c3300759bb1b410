"""What is said by a process that goes into the background and fails there."""

import subprocess
import sys

import pytest

SCRIPT = """
import os
from mirrorfs import background
from mirrorfs.core.errors import MountFailed

def serve(ready):
    os.write(2, {complaint!r})
    raise MountFailed("It will not.", "Try another.")

try:
    background.start(serve)
except MountFailed as error:
    print(error)
"""


@pytest.mark.parametrize(
    ("complaint", "said"),
    [
        (b"", "It will not. Try another.\n"),
        (b"fuse: no\n", "It will not. fuse: no Try another.\n"),
    ],
)
def test_an_error_is_said_once_with_what_the_library_says(complaint: bytes, said: str) -> None:
    script = SCRIPT.format(complaint=complaint)
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=30, check=True
    )
    assert run.stdout == said
