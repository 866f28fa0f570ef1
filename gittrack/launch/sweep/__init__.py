"""Many runs of one program: params from a space, one run a trial, a parent run around them."""
