"""Studies across instances and methods: optimality gaps, speed, best known values, reports."""
