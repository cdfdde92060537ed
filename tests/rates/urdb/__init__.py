"""Tests of tariffs in the form of the Utility Rate Database."""
