"""One module or package a service; each implements :mod:`mirrorfs.core.provider`."""
