import type { CallContext, Outcome, PlatformAccount } from '../../port.js'
import { requireId, requireObject } from '../../kit/response-shape.js'
import { ok, rejected } from '../../kit/outcomes.js'
import { decodeResponse, type EventbriteClient } from '../client/client.js'
import { optionalText } from '../client/contract.js'
import { readAll } from '../client/pages.js'

/** The user of the token. 1 call. */
export async function readAccount(client: EventbriteClient, context: CallContext): Promise<Outcome<PlatformAccount>> {
  const response = await client.get({ path: ['users', 'me'], operation: 'read_user' }, context)
  // A public token may read events, but belongs to no user.
  if (response.kind === 'FORBIDDEN') {
    return { kind: 'AUTH_FAILED', message: `${response.message}: this is no private token of a user` }
  }
  const user = decodeResponse(response, (body) => ({ id: requireId(body.id, 'id'), name: optionalText(body, 'name') }))
  return user.kind === 'OK' ? ok(user.value.value) : user
}

/** Ids of the organizations of the token's user, at least one. 1 call. */
export async function listOrganizations(client: EventbriteClient, context: CallContext): Promise<Outcome<string[]>> {
  const call = { path: ['users', 'me', 'organizations'], operation: 'list_organizations' }
  const readId = (item: unknown) => requireId(requireObject(item, 'organizations').id, 'organizations.id')
  const listed = await readAll(client, call, 'organizations', readId, context)
  if (listed.kind !== 'OK' || listed.value.length > 0) return listed
  return rejected('NO_ORGANIZATION', 'the token belongs to no organization')
}
