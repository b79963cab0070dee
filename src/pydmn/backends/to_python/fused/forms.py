"""Which form the index of a table has.

    keys      a dict of the tuples of values that rules list, for one look-up
    masks     a set of rules for each part of a column's values, as bits; all columns and-ed
    blocks    masks for blocks of neighbouring rules, and masks over the blocks

`python -m benchmarks growth` makes each form of the same tables, and writes where they cross to
`benchmarks/GROWTH.md`: the bounds here are read off it. A chain of ifs, which is there too, is no
form: it gains a tenth of a microsecond on tables of five rules, and falls behind from ten on.
"""

from __future__ import annotations

from dataclasses import dataclass

from pydmn.tables.blocks import BLOCK


@dataclass(frozen=True, slots=True)
class Forms:
    """The bounds by which a form is chosen: keys where they will do, then masks, then blocks.

    A table has keys from `keys_from` rules on; `keys_per_rule` is how many tuples a rule may
    list on average, or it has no keys: there are as many as the product of its cells' values.
    `mask_bytes` is how large the masks of all columns may be together: beyond it blocks are
    ready sooner, in less memory, and as fast. `block` is how many rules a block has at the most.
    """

    keys_from: int = 2
    keys_per_rule: int = 16
    mask_bytes: int = 4_000_000
    block: int = BLOCK


CHOSEN = Forms()
