"""What a whole graph of decisions can do, proved: decisions as formulas, questions to a solver.

Every input is a choice among finitely many values, and every decision's answer a set of cases,
each with the formula under which it is the answer (`symbols`). A property is then a formula that
a solver must find no way to break (`proofs`).
"""
