"""From a trace of core to the widgets of a board, a file a group of scenes."""
