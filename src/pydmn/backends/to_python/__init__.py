"""A plan to Python functions: the backend for one record."""

from pydmn.backends.to_python.decisions import Compiler, Graph, Service
from pydmn.backends.to_python.expressions import compile_expression
from pydmn.backends.to_python.fused import Fused, Whole
from pydmn.backends.to_python.layout import INPUT, FrameSize, Layout
from pydmn.backends.to_python.tests import compile_unary_tests

__all__ = [
    "INPUT",
    "Compiler",
    "FrameSize",
    "Fused",
    "Graph",
    "Layout",
    "Service",
    "Whole",
    "compile_expression",
    "compile_unary_tests",
]
