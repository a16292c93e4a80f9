import { expect, it } from 'vitest'
import { bearerToken } from './bearer-token.js'

const tokenOf = (authorization?: string) =>
  bearerToken({ headers: authorization === undefined ? {} : { authorization } })

it.each([
  ['Bearer a.b-c_d~e+f/g==', 'a.b-c_d~e+f/g=='],
  ['bearer token', 'token'],
  [' BEARER   token ', 'token'],
])('reads the token of %j', (authorization, token) => expect(tokenOf(authorization)).toBe(token))

it.each([undefined, '', 'Bearer', 'Bearer ', 'Bearer two words', 'Bearertoken', 'Basic dG9rZW4=', 'token'])(
  'reads no token from %j',
  (authorization) => expect(tokenOf(authorization)).toBeNull(),
)
