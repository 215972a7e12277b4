"""What was counted before and after a change, point by point, where nothing can be estimated."""
