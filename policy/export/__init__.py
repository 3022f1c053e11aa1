"""The policy for other programs: as a graph, and as policies of engines that gateways run."""
