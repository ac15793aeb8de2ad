"""The presenter's run-through: every scene opened once before the audience does, and a handout."""
