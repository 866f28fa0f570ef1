"""Whether runs came to the same: values, rules, comparison, and the verdict."""
