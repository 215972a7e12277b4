"""Kernels forked from a process that has loaded what notebooks import."""
