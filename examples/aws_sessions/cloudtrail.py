"""The last calls of one kind in CloudTrail, with who made them. Argument: the call's name."""

import json
import sys

from session_store.aws import AwsSessions


def main(name: str) -> None:
    cloudtrail = AwsSessions().client("cloudtrail")
    wanted = [{"AttributeKey": "EventName", "AttributeValue": name}]
    for event in cloudtrail.lookup_events(LookupAttributes=wanted, MaxResults=10)["Events"]:
        caller = json.loads(event["CloudTrailEvent"])["userIdentity"]
        print(f"{event['EventTime']:%H:%M:%S}", name, caller.get("arn") or caller.get("type"))


if __name__ == "__main__":
    main(*sys.argv[1:])
