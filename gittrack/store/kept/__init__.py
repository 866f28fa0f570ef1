"""Between runs and artifact stores: which contents runs name, and moving, checking, collecting them."""
