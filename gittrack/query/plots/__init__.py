"""From runs to drawings of them: curves, bands, scatters, parallel axes."""
