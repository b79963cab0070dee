"""Which form the index of a table has.

    keys      a dict of the tuples of values that rules list, for one look-up
    masks     a set of rules for each part of a column's values, as bits; all columns and-ed
    sparse    such masks, some of which are kept, for large tables of which many rules match
    blocks    masks for blocks of neighbouring rules, and masks over the blocks

`python -m benchmarks growth` makes each form of the same tables, and writes where they cross to
`benchmarks/GROWTH.md`: the bounds here are read off it. A chain of ifs, which is there too, is no
form: on up to five rules it gains a fifth of a microsecond, from ten on it falls behind.
"""

from __future__ import annotations

from dataclasses import dataclass

from pydmn.tables.blocks import BLOCK


@dataclass(frozen=True, slots=True)
class Forms:
    """The bounds by which a form is chosen: keys where they will do, then masks, then blocks.

    A list of what many rules conclude is made of sparse masks in place of blocks: from a share of
    `many_hits` of the rules on that match, if all parts of the columns' values come up as often.
    `sparse_bytes` is how large those masks are together.

    `keys_per_rule` is how many tuples a rule may list on average, or a table has no keys: there
    are as many as the product of its cells' values. `mask_bytes` is how large the masks of all
    columns may be together: up to it they answer three times as fast as blocks, beyond it they
    take longer to make and more memory, by the square of the rules. `block` is how many rules a
    block has at the most.
    """

    keys_per_rule: int = 16
    mask_bytes: int = 12_000_000
    block: int = BLOCK
    many_hits: float = 0.03
    sparse_bytes: int = 2_000_000


CHOSEN = Forms()
