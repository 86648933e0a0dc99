"""Lambda functions behind API Gateway and function URLs."""
