"""Mount photo clouds as a read-only drive."""
