import { createPublicKey, type KeyObject } from 'node:crypto'

/** The client and member that a bearer token authenticates. */
export interface Caller {
  clientKey: string
  memberId: string
}

export interface ClientOption {
  clientKey: string
  /** The member who owns the client: its keys can act for this member only. */
  memberId: string
  /** Required with refresh grants when set. */
  secret?: string
  signingKeys?: { id: string; publicKey: string }[]
}

export interface CredentialOptions {
  /** Static tokens that never expire; a string belongs to the default client and member. */
  accessTokens?: (string | ({ token: string } & Partial<Caller>))[]
  clients?: ClientOption[]
}

export interface OAuthClient {
  clientKey: string
  memberId: string
  secret: string | null
  keys: Map<string, KeyObject>
}

export const DEFAULT_CALLER: Caller = { clientKey: 'client_example', memberId: '70000099' }
export const DEFAULT_ACCESS_TOKEN = 'meetup-simulator-token'

export function fixedTokens({ accessTokens }: CredentialOptions, anyClients: boolean): Map<string, Caller> {
  const tokens = accessTokens ?? (anyClients ? [] : [DEFAULT_ACCESS_TOKEN])
  return new Map(
    tokens.map((entry) => {
      const { token, ...caller } = typeof entry === 'string' ? { token: entry } : entry
      return [token, { ...DEFAULT_CALLER, ...caller }]
    }),
  )
}

/** @throws Error for an invalid public key */
export function oauthClients({ clients = [] }: CredentialOptions): Map<string, OAuthClient> {
  return new Map(
    clients.map(({ clientKey, memberId, secret, signingKeys = [] }) => [
      clientKey,
      {
        clientKey,
        memberId,
        secret: secret ?? null,
        keys: new Map(signingKeys.map(({ id, publicKey }) => [id, createPublicKey(publicKey)])),
      },
    ]),
  )
}
