"""Charts as values: where things stand on a sheet, and that sheet as SVG or PNG. Below every door."""
