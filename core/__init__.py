"""Models, exact traces and independent checks, without a web page; core.weights may download."""
