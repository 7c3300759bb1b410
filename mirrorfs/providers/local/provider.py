"""A folder of this machine as a :class:`~mirrorfs.core.provider.Target`.

What is a symbolic link, a socket or a device is neither given nor followed. A file's revision
is its modification time and size, as rsync takes it: the same after a copy of the tree to
another disk, which inode numbers are not. Writes go to a temporary file beside the target that
is flushed to disk and then takes its place at once; listings hide such files.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from mirrorfs.core import paths
from mirrorfs.core.entry import NO_FACTS, Entry
from mirrorfs.core.errors import (
    AlreadyExists,
    Changed,
    NoFile,
    Unsupported,
)
from mirrorfs.core.facts import check_kept
from mirrorfs.core.paths import ROOT, RemotePath
from mirrorfs.core.provider import About, Changes, Readable, Snapshot, Traits, Usage
from mirrorfs.providers.local.disk import (
    PIECE,
    fill,
    flush_folder,
    sweep,
    sweep_names,
    tells_case,
    told,
)
from mirrorfs.providers.local.listing import check_same, inode_of, look, to_entry, walk
from mirrorfs.providers.local.names import check_name, new_temporary
from mirrorfs.providers.local.places import find
from mirrorfs.providers.local.renaming import Check, appear, put_over, take_away


class LocalProvider:
    """Everything below ``root``, an existing folder; safe to use from several threads."""

    def __init__(self, root: Path) -> None:
        self._root = root
        case = tells_case(root)
        self._traits = Traits(
            "local", None, whole_scan=False, changes=False, case_sensitive=case, reuses_ids=True
        )

    @property
    def traits(self) -> Traits:
        """A file system tells no checksums and no changes, and gives inodes again."""
        return self._traits

    def scandir(self, folder: RemotePath) -> list[Entry]:
        """See :class:`~mirrorfs.core.provider.Source`."""
        with told(folder):
            return list(look(folder, self._place(folder)).children.values())

    def scan(self, folder: RemotePath) -> Snapshot:
        """See :class:`~mirrorfs.core.provider.Source`."""
        with told(folder):
            return walk(folder, self._place(folder))

    def changes(self, cursor: str) -> Changes:
        """Refuse: a file system keeps no record of changes."""
        raise Unsupported(f"A local folder tells no changes since {cursor!r}.")

    def stat(self, path: RemotePath) -> Entry:
        """See :class:`~mirrorfs.core.provider.Source`."""
        with told(path):
            return to_entry(path, find(self._root, path)[1])

    def read(self, entry: Entry, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """See :class:`~mirrorfs.core.provider.Source`."""
        with self.opened(entry) as file:
            stop = entry.size if length is None else min(start + length, entry.size)
            while start < stop and (piece := os.pread(file, min(PIECE, stop - start), start)):
                start += len(piece)
                yield piece
            check_same(os.fstat(file), entry)

    def usage(self) -> Usage:
        """Return nothing but zeros: no quota counts here."""
        return Usage(0)

    def about(self) -> About:
        """Return how full the disk is that this folder is on."""
        with told(ROOT):
            usage = shutil.disk_usage(self._place(ROOT))
        return About(str(self._place(ROOT)), size=usage.used, room=usage.total)

    def close(self) -> None:
        """Nothing is held open."""

    def write(  # noqa: PLR0913 - all that makes a file
        self,
        path: RemotePath,
        body: Readable,
        *,
        size: int,
        modified: int,
        replaces: Entry | None = None,
        facts: Mapping[str, str] = NO_FACTS,  # noqa: ARG002 - a file system keeps none
    ) -> Entry:
        """See :class:`~mirrorfs.core.provider.Target`."""
        with told(path):
            target = self._checked(path, replaces)
            above = self._make_folders(paths.parent(path))
            target = target or above / paths.name(path)
            temporary = above / new_temporary()
            try:
                fill(temporary, body, size)
                os.utime(temporary, ns=(modified, modified))
                written = temporary.lstat()  # at its place it may be another program's at once
                if replaces is None:
                    appear(temporary, target)
                else:
                    put_over(temporary, target, _same_as(replaces))
            except FileNotFoundError:
                raise Changed(f"{path} is gone.") from None
            finally:
                temporary.unlink(missing_ok=True)
            flush_folder(above)
            return to_entry(path, written)

    def describe(self, entry: Entry, facts: Mapping[str, str]) -> Entry:
        """Refuse any fact: a file system keeps none."""
        check_kept(facts, self.traits.describes, "A local folder")
        with told(entry.path):
            found = self._place(entry.path).lstat()
            check_same(found, entry)
            return to_entry(entry.path, found)

    def mkdir(self, path: RemotePath) -> Entry:
        """See :class:`~mirrorfs.core.provider.Target`; the root is made, too, by this alone."""
        with told(path):
            if path == ROOT:
                self._root.mkdir(parents=True, exist_ok=True)
            return to_entry(path, self._make_folders(path).lstat())

    def remove(self, entry: Entry) -> None:
        """See :class:`~mirrorfs.core.provider.Target`."""
        with told(entry.path):
            place = self._place(entry.path)
            if entry.is_folder:
                place.rmdir()
            else:
                take_away(place, place.with_name(new_temporary()), _same_as(entry))

    def rename(self, entry: Entry, path: RemotePath) -> Entry:
        """See :class:`~mirrorfs.core.provider.Target`."""
        if entry.is_folder:
            raise Unsupported("Folders are not moved as a whole.")
        with told(path):
            place = self._place(entry.path)
            check_same(place.lstat(), entry)
            if path != entry.path:
                self._checked(path, None)
                target = self._make_folders(paths.parent(path)) / paths.name(path)
                appear(place, target)
                place = target
            found = place.lstat()
            check_same(found, entry)
            return to_entry(path, found)

    def place(self, path: RemotePath) -> Path:
        """Return where ``path`` is on the disk.

        Raises:
            NotFound: there is nothing, or neither a file nor a folder.
        """
        with told(path):
            return self._place(path)

    def status(self, entry: Entry) -> os.stat_result:
        """Return all that the file system says of a file.

        Raises:
            Changed: the file is at another revision.
            NotFound: it is gone.
        """
        with told(entry.path):
            found = find(self._root, entry.path)[1]
        check_same(found, entry)
        return found

    @contextlib.contextmanager
    def opened(self, entry: Entry) -> Iterator[int]:
        """Hold a file open for reading, as a descriptor; the system's errors inside are told, too.

        Raises:
            Changed: the file is at another revision.
            NotFound: it is gone.
        """
        with told(entry.path):
            file = os.open(find(self._root, entry.path)[0], os.O_RDONLY | os.O_NOFOLLOW)
            try:
                check_same(os.fstat(file), entry)
                yield file
            finally:
                os.close(file)

    def inode(self, entry: Entry) -> tuple[int, int]:
        """Return the device and the inode of a file, as they were when it was listed."""
        return inode_of(entry)

    def touch(self, entry: Entry, modified: int) -> Entry:
        """Give a file another time, in nanoseconds since the epoch, and return it.

        Raises:
            Changed: the file is at another revision.
            NotFound: it is gone.
        """
        with told(entry.path):
            place = self._place(entry.path)
            check_same(place.lstat(), entry)
            os.utime(place, ns=(modified, modified), follow_symlinks=False)
            return to_entry(entry.path, place.lstat())

    def sweep(self) -> int:
        """Remove what writers left that were killed; return how many files that was."""
        return sweep(self._root)

    def sweep_beside(self, path: RemotePath) -> int:
        """Do the same in the folder of ``path`` alone; that may be missing."""
        with contextlib.suppress(OSError, NoFile):
            folder = self._place(paths.parent(path))
            return sweep_names(folder, [one.name for one in folder.iterdir()])
        return 0

    def _place(self, path: RemotePath) -> Path:
        """Return where ``path`` is on the disk; the root need not be there."""
        return Path(find(self._root, path)[0]) if path else self._root

    def _checked(self, path: RemotePath, replaces: Entry | None) -> Path | None:
        """Return the place of the file to be replaced, or ``None`` when ``path`` is free."""
        if path == ROOT:
            raise AlreadyExists("The root is a folder.")
        check_name(paths.name(path))
        try:
            place = self._place(path)
        except (FileNotFoundError, NotADirectoryError):
            if replaces:
                raise Changed(f"{path} is gone.") from None
            return None
        except NoFile:
            raise Unsupported(
                f"{path} leads over something that is neither a file nor a folder."
            ) from None
        if replaces is None:
            raise AlreadyExists(f"There is something at {path} already.")
        check_same(place.lstat(), replaces)
        return place

    def _make_folders(self, path: RemotePath) -> Path:
        place = self._root
        for above in [*paths.ancestors(path)[1:], path]:
            if above == ROOT:
                continue
            try:
                place = self._place(above)
            except FileNotFoundError:
                place = place / paths.name(above)
                place.mkdir(exist_ok=True)
            if not place.is_dir():
                raise AlreadyExists(f"{above} is a file.")
        return place


def _same_as(wanted: Entry) -> Check:
    return lambda found: check_same(found, wanted)
