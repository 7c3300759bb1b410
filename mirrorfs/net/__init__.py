"""Talking to services: sessions, ranged reads, retries, waiting, and counting calls."""
