"""Models by name, in Git: versions and aliases as small files on the runs branch."""
