"""Analyses to executed notebooks and result files. Starts notebooks; imports no design."""
