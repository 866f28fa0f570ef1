"""Sharing runs: remotes, fetch, union, push, inboxes."""
