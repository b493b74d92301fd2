"""The gate between a draft and its reader: every sentence is checked against the evidence it cites."""
