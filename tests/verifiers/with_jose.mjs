// Says which of some tokens jose accepts: JSON comes in and goes out.
import { readFileSync } from 'node:fs'
import { createLocalJWKSet, jwtVerify } from 'jose'

const { tokens, keys, iss, aud, algorithm } = JSON.parse(readFileSync(0, 'utf8'))
const known = createLocalJWKSet(keys)
const rules = { issuer: iss, audience: aud, algorithms: [algorithm], typ: 'at+jwt', requiredClaims: ['exp', 'sid'] }
const isAccepted = (token) => jwtVerify(token, known, rules).then(() => true, () => false)
console.log(JSON.stringify(await Promise.all(tokens.map(isAccepted))))
