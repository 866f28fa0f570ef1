"""How models of each library are written and read; one file a flavor, all of them in `all_flavors`."""
