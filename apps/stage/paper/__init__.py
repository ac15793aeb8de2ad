"""The widgets for print: SVG, PNG and GIF by matplotlib, which lives nowhere else."""
