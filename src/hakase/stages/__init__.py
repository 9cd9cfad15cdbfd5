"""One module a stage. A stage reads records, asks the seams, and saves its own record."""
