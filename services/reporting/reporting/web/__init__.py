"""The pages for people: templates, styles, scripts. They read the same public API as everybody else."""
