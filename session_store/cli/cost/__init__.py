"""The costs of a deployment: request units, dollars and limits, from the costs that the catalog declares."""
