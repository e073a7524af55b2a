"""Commands of stewards who work together: one answer for many, taking back, assigning, comments.

Like every decision they write what was decided and what wakes the pipeline in one transaction, and
the person into the audit.
"""
