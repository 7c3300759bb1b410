"""Figures of a mount, side by side with ``rclone mount`` and the native file system.

Run with ``python -m scripts.bench [NAME…] [--quick] [--json FILE]``. How they are taken:

- Every side sees the same files: ours and rclone's mounts read one emulated account, which runs
  in a process of its own on loopback; the native side is the same tree on disk. rclone's API
  calls reach the emulator over TLS, because its backend takes no other address; its downloads
  are plain HTTP, as ours are.
- SmugMug's figures are shown beside its published clients, which find the emulator through a proxy
  that speaks TLS, and beside ours on an account of Cloudinary with the same pictures.
- Syncing is shown beside rclone's commands of the same names, on the same account or the same two
  folders.
- Each figure is the median of at least three runs (``--quick``: one), shown with the least and
  the greatest. The sides take turns in going first.
- Cold runs get a fresh cache folder; before each timed run dirty pages are written out and the
  kernel's caches are dropped for every side alike. This needs root.
- Pictures are pseudo-random bytes made by the emulator: neither side looks inside them.
- Each run checks that the whole tree was seen, or that every byte arrived, before it counts.
"""
