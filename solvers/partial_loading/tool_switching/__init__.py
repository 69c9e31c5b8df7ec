"""The method ``tool-switching``: a dynamic programme over what was visited and what is resident."""
