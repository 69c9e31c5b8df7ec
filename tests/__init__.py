"""Tests mirror the rooms; what they share (the oracle, random instances, malformed files) stands here."""
