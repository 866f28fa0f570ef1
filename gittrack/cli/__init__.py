"""The command line: one small file a verb, each over one public function."""
