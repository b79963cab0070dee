"""What a graph of decisions can and cannot do, exactly: what remains possible."""
