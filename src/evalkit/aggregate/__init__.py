"""Records of admissions, attendances or discharges, one row each, to a long table of totals."""
