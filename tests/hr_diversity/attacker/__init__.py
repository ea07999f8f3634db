"""An attacker on what is published of a staff, and the random staffs that it is let loose on.

    programme   a linear programme over unknown counts, and how far sums of them can be narrowed
    release     one release: what its measures say, as such a programme
    workforces  random staffs of every shape, and what befalls them from one snapshot to the next

It is independent of `rules`: it knows no rule of suppression and no flow, only what is shown and what anybody knows of grades, places
and units.
"""
