"""What is kept between commands: outcomes, pooled results, warnings, and whether all is up to date."""
