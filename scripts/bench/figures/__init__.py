"""The figures, each a function from a stage to what was measured."""
