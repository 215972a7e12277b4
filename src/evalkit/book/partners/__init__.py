"""Control charts of every partner: their rows, their charts, and what pages say of them."""
