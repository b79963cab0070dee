"""The command `medpolicy`: parse the command line, call the package, print.

    medpolicy determine POLICY REQUEST|-      what the policy answers, as JSON or in words
    medpolicy next POLICY REQUEST|-           what to ask next, and what could decide
    medpolicy interview POLICY [REQUEST]      one question after another, at a terminal
    medpolicy check POLICY [--cases DIR]      everything that is wrong with a policy, at once
    medpolicy cases suggest POLICY [-o DIR]   the cases that a policy lacks, to be answered
    medpolicy diff OLD NEW                    what changed between two versions, in meaning
    medpolicy batch POLICY CLAIMS -o FILE     a file of claim lines, answered
    medpolicy impact OLD NEW CLAIMS           what another version means for claims
    medpolicy document POLICY --to FILE       the policy as HTML or PDF
    medpolicy schema WHAT [--policy POLICY]   JSON Schemas

Exit status: 0 well, and of `diff` that the two are equal in meaning; 1 of `diff` that they differ,
or that it is not decided; 2 the input is bad, or `check` found a problem; 130 stopped from the
keyboard; 129 or 143 by the terminal's end or another process; 141 the reader of the output left.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence

from medpolicy.cli.arguments import parser
from medpolicy.cli.exits import (
    BAD_INPUT,
    DIFFERENT,
    INTERRUPTED,
    PIPE_CLOSED,
    WELL,
    complain,
    ending_when_told,
)
from medpolicy.problems import MedpolicyError, Problem

__all__ = ["BAD_INPUT", "DIFFERENT", "INTERRUPTED", "PIPE_CLOSED", "WELL", "main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command with `argv`, or the process's own arguments; return the exit status."""
    for stream in (sys.stdout, sys.stderr):
        # The same bytes whatever the locale is.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", newline="\n")
    try:
        with ending_when_told():
            arguments = parser().parse_args(argv)
            status: int = arguments.run(arguments)
            sys.stdout.flush()
    except MedpolicyError as error:
        complain(error.problems)
        return BAD_INPUT
    except BrokenPipeError:
        # The reader left, as `head` does. Python flushes once more at exit: give it a sink.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED
    except OSError as error:
        complain([Problem(str(error.filename or ""), error.strerror or str(error))])
        return BAD_INPUT
    except KeyboardInterrupt:
        return INTERRUPTED
    return status
