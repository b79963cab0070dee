"""A decision table as regions: the one form behind look-up, columns and proofs."""
