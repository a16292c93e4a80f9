import type { CallContext, Outcome, PlatformAccount } from '../../port.js'
import { requireObject } from '../../kit/response-shape.js'
import type { LumaClient } from '../client/client.js'
import { optionalFreeText, requireText } from '../client/contract.js'

/** The user of the key. 1 call. */
export function readAccount(client: LumaClient, context: CallContext): Promise<Outcome<PlatformAccount>> {
  return client.get('/v1/users/get-self', {}, 'read_user', context, (json) => {
    const body = requireObject(json, 'response')
    // Older routes wrap the user.
    const user = body['user'] === undefined ? body : requireObject(body['user'], 'user')
    return { id: requireText(user, 'user id', 'id', 'api_id'), name: optionalFreeText(user, 'name') }
  })
}
