"""Projects, engines and reproduction: what starts runs somewhere and somehow."""
