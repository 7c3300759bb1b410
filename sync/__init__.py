"""``mirrorsync``: copies, mirrors and reconciles folders and remotes."""
