"""What a mount of several remotes answers, without a kernel."""

from pathlib import Path

import pytest

from mirrorfs.core.errors import NotFound, Unavailable
from mirrorfs.mount.composing import prepare
from mirrorfs.mount.options import MountOptions
from mirrorfs.mount.verbs import verbs_of
from tests.mount.test_composing import mounted
from tests.vfs.fakes import FakeSource


def test_a_look_is_asked_of_one_remote(tmp_path: Path) -> None:
    well, ill = FakeSource(), FakeSource()
    with mounted(tmp_path, well=well, ill=ill) as found:
        prepare(found)
        verbs = verbs_of(MountOptions(tmp_path), found)
        well.put("a.jpg", b"a")
        ill.down = Unavailable("down")
        with pytest.raises(Unavailable):
            verbs["refresh"]("ill")
        assert verbs["refresh"]("well") == {"way": "changes", "changed": 1, "calls": 2}
        assert verbs["rescan"]("well") == {"way": "scan", "changed": 0, "calls": 1}
        with pytest.raises(NotFound):
            verbs["refresh"]("nobody")
