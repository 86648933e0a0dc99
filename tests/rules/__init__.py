"""Findings of cdk-nag, cfn-lint and checkov, with reasons in `tests/rules/rule_exceptions.py`."""
