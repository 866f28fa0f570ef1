"""What live runs write beside the branch, and what reads it back."""
