"""The vocabulary that every layer shares; the standard library only."""
