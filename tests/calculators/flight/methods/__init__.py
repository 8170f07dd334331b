"""Tests of the calculators: published examples, properties, bad input."""
