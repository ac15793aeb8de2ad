"""What models and samples are measured by: distances, intervals, ranks, comparisons."""
