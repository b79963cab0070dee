"""FEEL: text to a typed tree, values, operators, builtin functions; never sees XML."""
