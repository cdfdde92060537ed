"""Tests of taking extracts in."""
