"""Tests of geo.draft."""
