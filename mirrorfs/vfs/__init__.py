"""A read-only file system that needs no kernel: a tree of listings and a reader of blocks."""
