"""Sessions for serverless Python on DynamoDB."""
