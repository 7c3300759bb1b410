"""What is kept on disk between runs: blocks of files and the listings of each remote.

Everything here can be fetched again; nothing here is ever the only copy of anything.
"""
