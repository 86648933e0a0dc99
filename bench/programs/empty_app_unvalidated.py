"""The smallest CDK app, without CDK's validation of its template: synthesized as this repository's own app is."""

from aws_cdk import App, Stack

app = App(builtin_cloud_formation_validation=False)
Stack(app, "Empty")
app.synth()
