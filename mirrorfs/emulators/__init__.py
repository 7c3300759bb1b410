"""Loopback servers that speak a photo cloud's own API, for the demo and the tests.

They are written from the services' documentation and import no other part of this package.
"""
