"""Two versions of a decision: where their answers differ, exactly, or that they never do.

Two tables over inputs are compared as boxes (`tables`), everything else as formulas over choices
(`graphs`). Both say where versions may differ; that they do, a case says that both engines have
answered. Where neither can tell, cases are tried (`trials`): a difference found so is one, and
equality is then not claimed.
"""
