"""What two lessons need: trained nets, sampling in pieces, runs in the plane."""
