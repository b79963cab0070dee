"""A graph of decisions as one generated Python function: the fast way to the same value.

The closures of `pydmn.backends.to_python` say what a decision means. A fused function gives the
same value for the records that are as usual: strings, numbers, booleans and lists of them, as
declared. It looks tables up by index and has no calls between decisions. Whatever is unusual (a
value of another type, a number too large, a limit in reach) it leaves to the closures, from the
start, as it does with traces, which are made when they are read.

Functions are written as Python's own `ast`, with generated names; constants of the model are
passed in. No text of a model becomes source text.
"""

from pydmn.backends.to_python.fused.forms import CHOSEN, Forms
from pydmn.backends.to_python.fused.graph import Fused, Setting, Whole, fuse, fuse_whole

__all__ = ["CHOSEN", "Forms", "Fused", "Setting", "Whole", "fuse", "fuse_whole"]
