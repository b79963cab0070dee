"""How tightly operators bind (DMN 1.5, 10.3.1.2, the order in rules 2 and 4).

Every binary operator is left associative, `**` too; negation binds tighter than `**`.
"""

LOWEST, DISJUNCTION, CONJUNCTION, COMPARISON, ADDITION = range(5)
MULTIPLICATION, EXPONENTIATION, NEGATION, INSTANCE_OF, ACCESS = range(5, 10)
