"""Measures of one case, and curves over many: pure functions, in which None is "not scored" and never 0."""
