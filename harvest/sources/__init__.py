"""One module for each museum: facts and pure functions from answers to requests and records."""
