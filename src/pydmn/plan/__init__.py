"""Typed decisions ready to run: what to compute, not how."""
