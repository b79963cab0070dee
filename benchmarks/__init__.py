"""The benchmark: who decides how fast, checked against an oracle before anything is timed.

    python -m benchmarks short    ratios to the floor, against the committed ones (`make bench`)
    python -m benchmarks full     every contestant; writes RESULTS.md (`make bench-full`)

See README.md beside this file.
"""
