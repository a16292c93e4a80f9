import { storableText, isObject, requireArray, requireId, requireObject } from '../../kit/response-shape.js'
import { decode, ok } from '../../kit/outcomes.js'
import type { OperationContext } from '../../operation.js'
import type { Failure, Outcome, PlatformAccount } from '../../port.js'
import { requireText } from '../client/contract.js'
import type { MeetupClient } from '../client/client.js'
import { weightOfPage, type Operation } from '../client/operations.js'

/** A group whose events the member may edit. */
export interface LedGroup {
  urlname: string
  timezone: string | null
}

/** The member of the credentials. */
export interface Member {
  account: PlatformAccount
  groups: LedGroup[]
}

/** Roles that may edit events; every other member may not. */
const LEADERS = new Set<unknown>(['ORGANIZER', 'COORGANIZER', 'ASST_ORGANIZER', 'EVENT_ORGANIZER'])

const NO_ACCOUNT: Failure = { kind: 'AUTH_FAILED', message: 'Meetup returned no account for this token' }
const PAGE_SIZE = 50
/** 250 groups. */
const MAX_PAGES = 5

const SELF: Operation = {
  name: 'read_self',
  kind: 'read',
  weight: weightOfPage(PAGE_SIZE),
  field: 'self',
  query: `query Self($after: String) {
  self {
    id name
    memberships(first: ${PAGE_SIZE}, after: $after) {
      pageInfo { hasNextPage endCursor }
      edges { metadata { role } node { urlname timezone } }
    }
  }
}`,
}

/** What every schema has of the member. */
const SELF_ONLY: Operation = {
  name: 'read_self_only',
  kind: 'read',
  weight: 5,
  field: 'self',
  query: 'query SelfOnly { self { id name } }',
}

interface Page {
  account: PlatformAccount
  groups: LedGroup[]
  next: string | null
}

/** The member and the groups they lead, of the first 250 they are in. 1 call for 50 groups. */
export async function readMember(client: MeetupClient, context: OperationContext): Promise<Outcome<Member>> {
  const groups: LedGroup[] = []
  let after: string | null = null
  for (let pages = 1; ; pages++) {
    const self = await client.execute(SELF, { after }, context)
    if (self.kind === 'GONE') return NO_ACCOUNT
    if (self.kind !== 'OK') return self
    const page: Outcome<Page> = decode(() => readPage(self.value))
    if (page.kind !== 'OK') return page
    groups.push(...page.value.groups)
    after = page.value.next
    if (after === null || pages === MAX_PAGES) return ok({ account: page.value.account, groups })
  }
}

/** The member without the groups, for a schema that does not have them as the query expects. 1 call. */
export async function readSelf(client: MeetupClient, context: OperationContext): Promise<Outcome<PlatformAccount>> {
  const self = await client.execute(SELF_ONLY, {}, context)
  if (self.kind === 'GONE') return NO_ACCOUNT
  return self.kind === 'OK' ? decode(() => accountOf(self.value)) : self
}

function accountOf({ id, name }: Record<string, unknown>): PlatformAccount {
  return { id: requireId(id, 'self.id'), name: typeof name === 'string' ? storableText(name) : null }
}

function readPage(self: Record<string, unknown>): Page {
  const memberships = requireObject(self['memberships'], 'self.memberships')
  const edges = requireArray(memberships['edges'], 'self.memberships.edges').filter(isObject)
  const leading = edges.filter(({ metadata }) => isObject(metadata) && LEADERS.has(metadata['role']))
  return {
    account: accountOf(self),
    groups: leading.map(({ node }) => {
      const group = requireObject(node, 'self.memberships.edges.node')
      const { timezone } = group
      return {
        urlname: requireText(group['urlname'], 'group.urlname'),
        timezone: typeof timezone === 'string' ? timezone : null,
      }
    }),
    next: nextOf(memberships['pageInfo']),
  }
}

/** Where a connection continues; null: it ends. */
export function nextOf(pageInfo: unknown): string | null {
  if (!isObject(pageInfo) || pageInfo['hasNextPage'] !== true) return null
  return requireText(pageInfo['endCursor'], 'pageInfo.endCursor')
}
