"""The project's tests, and the museum that they and the demonstration harvest."""
