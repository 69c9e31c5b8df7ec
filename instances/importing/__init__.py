"""Instances from the tables of other programs: CSV files with the requests or users, beside a base instance."""
