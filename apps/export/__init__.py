"""The suite as a static site: pages, boards and files written beforehand, no server of ours."""
