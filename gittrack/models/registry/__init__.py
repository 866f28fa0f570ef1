"""Models by name: registered, promoted, resolved."""
