"""Many units over time: two-way fixed effects, group-time effects, synthetic controls."""
