"""Mounts a :class:`FolderService`, as the command line would: ``drive.py FOLDER JSON``."""

import json
import sys
from pathlib import Path

from mirrorfs.cache.limits import Limits
from mirrorfs.core.errors import MirrorError
from mirrorfs.mount import MountOptions, Part, mount
from tests.system.service import FolderService

if __name__ == "__main__":
    options = json.loads(sys.argv[2])
    options["mountpoint"] = Path(options["mountpoint"])
    cache = Path(options.pop("cache_dir"))
    part = Part("folder:", "folder", cache, lambda: FolderService(Path(sys.argv[1])))
    try:
        mount(MountOptions(limits=Limits(1 << 30, 0), **options), [part])
    except MirrorError as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        sys.exit(1)
