"""What a killed process leaves behind."""

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from mirrorfs.cache.blocks import BlockStore

Opener = Callable[..., BlockStore]

WRITER = """
import sys, threading
from pathlib import Path
from mirrorfs.cache.blocks import BlockStore
from mirrorfs.cache.limits import Limits

store = BlockStore(Path(sys.argv[1]), Limits(1 << 30, 0))
telling = threading.Lock()

def write(thread):
    for number in range(1000):
        block = f"{thread} {number} ".encode() * 40_000
        assert store.put(f"key {thread}", number, block)
        with telling:
            print(thread, number, flush=True)

threads = [threading.Thread(target=write, args=(thread,)) for thread in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
"""


def test_completed_blocks_survive_kill_9_and_half_written_ones_are_swept(
    opened: Opener, folder: Path
) -> None:
    for enough in (1, 40, 90):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, folder], stdout=subprocess.PIPE, text=True
        )
        assert writer.stdout
        done = [writer.stdout.readline() for _ in range(enough)]
        writer.send_signal(signal.SIGKILL)
        done += writer.stdout.read().splitlines()
        writer.wait()
        (folder / "0").mkdir(exist_ok=True)
        (folder / "0" / ("0" * 31 + ".block")).write_bytes(b"half")
        store = opened()
        for line in done:
            if len(line.split()) == 2:
                thread, number = map(int, line.split())
                assert store.get(f"key {thread}", number) == f"{thread} {number} ".encode() * 40_000
        assert store.verify().damaged == 0
        assert len(list(folder.glob("?/*.block"))) == store.info().blocks
        store.clear()
        store.close()


def test_a_row_without_its_file_is_a_miss(opened: Opener, folder: Path) -> None:
    opened().put("a", 0, b"x")
    opened()
    for file in folder.glob("?/*.block"):
        file.unlink()
    (folder / "in-use").touch()
    store = opened()
    assert store.get("a", 0) is None
    assert store.put("a", 0, b"x")
