import { createServer, request as send, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Credential of an account → origin of the simulated platform that has it. */
export type Accounts = Map<string, string>

/**
 * One address for several accounts of a platform, each a simulator of its own: requests go to the one that has their
 * credential, and with an unknown credential to the first, which refuses them. `seen`: the credentials, in order.
 */
export async function startAccounts(accounts: Accounts) {
  const seen: string[] = []
  const state = { down: false }
  const server = createServer((request, response) => {
    const credential = credentialOf(request.headers)
    seen.push(credential)
    const origin = accounts.get(credential) ?? [...accounts.values()][0]
    if (state.down || origin === undefined) return void request.socket.destroy()
    const { method, headers } = request
    const forwarded = send(`${origin}${request.url}`, { method, headers }, (reply) => {
      response.writeHead(reply.statusCode ?? 502, reply.headers)
      reply.pipe(response)
    })
    forwarded.once('error', () => response.destroy())
    request.pipe(forwarded)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    state,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function credentialOf({ authorization, 'x-luma-api-key': key }: IncomingHttpHeaders): string {
  return typeof key === 'string' ? key : (authorization ?? '').replace(/^Bearer /, '')
}
