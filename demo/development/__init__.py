"""For developers, beside each page: the calls of the last request, and the rows in the table.

The pages know nothing of it. The demo's stack puts it in front of them, and exists in `local` and `dev` alone.
"""
