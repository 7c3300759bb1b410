"""The demonstration: an embedded account, mounted, copied out and proven."""
