"""The demonstration: embedded accounts, mounted side by side, copied out and proven."""
