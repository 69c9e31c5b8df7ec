"""``partload explore``: a page on which the parameters of an instance are sliders and its schedules are redrawn."""
