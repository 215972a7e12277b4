"""Estimates of several sites as one."""
