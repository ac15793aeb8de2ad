"""Code shared by lessons: trained nets, sampling in pieces, runs in the plane."""
