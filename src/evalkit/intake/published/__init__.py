"""Files as others publish them each month, by the layouts that data/datapackage.json tells, into their tables."""
