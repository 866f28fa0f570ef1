"""Bytes by digest; knows no runs."""
