"""Runs in Git: the branch, the journals beside it, the index, and sync between clones."""
