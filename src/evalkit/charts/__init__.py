"""Control charts: what varies as it always did, and what does not. They say nothing of causes and give no verdict."""
