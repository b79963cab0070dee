"""How a plan is computed: a backend a package."""
