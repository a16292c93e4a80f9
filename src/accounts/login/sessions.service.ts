import { Injectable, Logger } from '@nestjs/common'
import { NotFound } from '../../domain/errors.js'
import type { Session, User } from '../../generated/prisma/client.js'
import type { PrismaClient } from '../../generated/prisma/client.js'
import { BatchedReads } from '../../infrastructure/batched-reads.js'
import { Gathered } from '../../infrastructure/gathered.js'
import { Clock } from '../../infrastructure/time/clock.js'
import { pageArgs, toPage, type Page, type PageQuery } from '../../infrastructure/http/requests/pagination.js'
import { newId } from '../../infrastructure/ids.js'
import { asOwnWork } from '../../infrastructure/work-class.js'
import { PrismaService } from '../../infrastructure/prisma/prisma.service.js'
import type { AuthenticatedUser } from '../authenticated-user.js'
import { Tokens } from './tokens.js'

const LIFETIME_MS = 12 * 60 * 60 * 1000
const LAST_SEEN_INTERVAL_MS = 60_000

export interface OpenedSession {
  accessToken: string
  expiresAt: Date
  sessionId: string
}

interface Row extends AuthenticatedUser {
  lastSeenAt: Date
}

/** Login sessions. Read on every request, so that revoking one takes effect at once; requests of one tick in one query. */
@Injectable()
export class SessionsService {
  private readonly live = new BatchedReads<Row>((sessionIds) => this.readLive(sessionIds))
  private readonly logger = new Logger(SessionsService.name)
  /** In a rush, nearly every request is the first one of a customer in this minute. */
  private readonly seen = new Gathered<string, void>((ids) => asOwnWork(() => this.markSeen(ids)), {
    runs: 1,
    size: 500,
  })

  constructor(
    private readonly prisma: PrismaService,
    private readonly tokens: Tokens,
    private readonly clock: Clock,
  ) {}

  /**
   * Null when the user is not active, or has another password than the one that was checked: a login in progress does not
   * outlast the change of its password.
   */
  async open(
    { id: userId, role, passwordHash }: Pick<User, 'id' | 'role' | 'passwordHash'>,
    ip: string,
    userAgent: string | undefined,
  ): Promise<OpenedSession | null> {
    const now = this.clock.now()
    const expiresAt = new Date(now.getTime() + LIFETIME_MS)
    const id = newId('ses')
    const opened = await this.prisma.$executeRaw`
      INSERT INTO sessions (id, user_id, ip, user_agent, created_at, last_seen_at, expires_at)
      SELECT ${id}, id, ${ip}, ${userAgent?.slice(0, 300) ?? null}, ${now}, ${now}, ${expiresAt}
      FROM users WHERE id = ${userId} AND active AND password_hash = ${passwordHash} FOR SHARE`
    if (opened === 0) return null
    return { accessToken: await this.tokens.sign(id, expiresAt, role !== 'CUSTOMER'), expiresAt, sessionId: id }
  }

  /** The user of a token; null when the token, its session or its user is no longer valid. */
  async authenticate(token: string): Promise<AuthenticatedUser | null> {
    const sessionId = this.tokens.readSessionId(token)
    const row = sessionId === null ? undefined : await this.live.get(sessionId)
    if (!row) return null
    const now = this.clock.now()
    const { lastSeenAt, ...user } = row
    if (now.getTime() - lastSeenAt.getTime() >= LAST_SEEN_INTERVAL_MS) this.noteSeen(user.sessionId)
    return user
  }

  /** Whether a session and its user are still valid. */
  async isLive(id: string): Promise<boolean> {
    const expiresAt = { gt: this.clock.now() }
    return (await this.prisma.session.count({ where: { id, revokedAt: null, expiresAt, user: { active: true } } })) > 0
  }

  /** The live sessions of a user, newest first. */
  async list(userId: string, query: PageQuery): Promise<Page<Session>> {
    const { where, ...args } = pageArgs(query)
    const live = { userId, revokedAt: null, expiresAt: { gt: this.clock.now() } }
    const rows = await this.prisma.session.findMany({ ...args, where: { ...where, ...live } })
    return toPage(rows, query.limit, (row) => row)
  }

  /** Revokes one session of a user. Idempotent. Throws NotFound for another user's session. */
  async revoke(userId: string, sessionId: string): Promise<void> {
    const session = await this.prisma.session.findFirst({ where: { id: sessionId, userId } })
    if (!session) throw new NotFound('There is no such session.')
    await this.prisma.session.updateMany({
      where: { id: sessionId, revokedAt: null },
      data: { revokedAt: this.clock.now() },
    })
  }

  /** Revokes all sessions of a user, or all but one, in the caller's transaction. */
  async revokeAll(userId: string, transaction: Pick<PrismaClient, 'session'>, except?: string): Promise<void> {
    const others = except === undefined ? {} : { id: { not: except } }
    await transaction.session.updateMany({
      where: { userId, revokedAt: null, ...others },
      data: { revokedAt: this.clock.now() },
    })
  }

  /** The valid ones of these sessions with their users, by session id. */
  private async readLive(sessionIds: string[]): Promise<Map<string, Row>> {
    const rows = await this.prisma.$queryRaw<Row[]>`/* prepared */
      SELECT s.id AS "sessionId", u.id, u.email, u.name, u.role::text AS role,
        u.email_verified_at IS NOT NULL AS "emailVerified", s.last_seen_at AS "lastSeenAt"
      FROM sessions s JOIN users u ON u.id = s.user_id
      WHERE s.id = ANY(${sessionIds}) AND s.revoked_at IS NULL AND s.expires_at > ${this.clock.now()} AND u.active`
    return new Map(rows.map((row) => [row.sessionId, row]))
  }

  /** No request waits for it: it is shown in the list of sessions, and decides nothing. */
  private noteSeen(sessionId: string): void {
    this.seen
      .submit(sessionId)
      .catch((error: unknown) =>
        this.logger.debug({ err: error }, 'failed to note that a session was used; its next request will'),
      )
  }

  /** Without those that another process is marking. */
  private async markSeen(sessionIds: readonly string[]): Promise<void[]> {
    const now = this.clock.now()
    const before = new Date(now.getTime() - LAST_SEEN_INTERVAL_MS)
    await this.prisma.$executeRaw`/* prepared */
      UPDATE sessions SET last_seen_at = ${now}::timestamptz WHERE id IN (
        SELECT id FROM sessions WHERE id = ANY(${[...sessionIds]}::text[]) AND last_seen_at <= ${before}::timestamptz
        FOR UPDATE SKIP LOCKED)`
    return sessionIds.map(() => undefined)
  }
}
