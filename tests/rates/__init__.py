"""Tests of the rate engine."""
