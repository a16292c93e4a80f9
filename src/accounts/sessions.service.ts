import { Injectable } from '@nestjs/common'
import { NotFound } from '../domain/errors.js'
import type { Session } from '../generated/prisma/client.js'
import type { PrismaClient } from '../generated/prisma/client.js'
import { Clock } from '../infrastructure/clock.js'
import type { AccountRole } from '../infrastructure/http/access.js'
import { pageArgs, toPage, type Page, type PageQuery } from '../infrastructure/http/pagination.js'
import { newId } from '../infrastructure/ids.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import type { AuthenticatedUser } from './authenticated-user.js'
import { Tokens } from './tokens.js'

const LIFETIME_MS = 12 * 60 * 60 * 1000
const SEEN_EVERY_MS = 60_000

export interface OpenedSession {
  accessToken: string
  expiresAt: Date
  sessionId: string
}

interface Row {
  id: string
  email: string
  name: string
  role: AccountRole
  lastSeenAt: Date
}

/** Sessions: opened by a login, read at every call, over at once when revoked. */
@Injectable()
export class SessionsService {
  constructor(
    private readonly prisma: PrismaService,
    private readonly tokens: Tokens,
    private readonly clock: Clock,
  ) {}

  async open(userId: string, ip: string, userAgent: string | undefined): Promise<OpenedSession> {
    const now = this.clock.now()
    const expiresAt = new Date(now.getTime() + LIFETIME_MS)
    const { id } = await this.prisma.session.create({
      data: {
        id: newId('ses'),
        userId,
        ip,
        userAgent: userAgent?.slice(0, 300) ?? null,
        createdAt: now,
        lastSeenAt: now,
        expiresAt,
      },
    })
    return { accessToken: await this.tokens.sign(id, expiresAt), expiresAt, sessionId: id }
  }

  /** The account behind a token; null when the token, its session or its account is no longer good. */
  async authenticate(token: string): Promise<AuthenticatedUser | null> {
    const sessionId = await this.tokens.readSessionId(token)
    if (sessionId === null) return null
    const now = this.clock.now()
    const [row] = await this.prisma.$queryRaw<Row[]>`
      SELECT u.id, u.email, u.name, u.role::text AS role, s.last_seen_at AS "lastSeenAt"
      FROM sessions s JOIN users u ON u.id = s.user_id
      WHERE s.id = ${sessionId} AND s.revoked_at IS NULL AND s.expires_at > ${now} AND u.active`
    if (!row) return null
    if (now.getTime() - row.lastSeenAt.getTime() >= SEEN_EVERY_MS) await this.markSeen(sessionId, now)
    return { id: row.id, email: row.email, name: row.name, role: row.role, sessionId }
  }

  /** Whether a session, and its account, are still good. */
  async isLive(id: string): Promise<boolean> {
    const expiresAt = { gt: this.clock.now() }
    return (await this.prisma.session.count({ where: { id, revokedAt: null, expiresAt, user: { active: true } } })) > 0
  }

  /** The live sessions of an account, newest first. */
  async list(userId: string, query: PageQuery): Promise<Page<Session>> {
    const { where, ...args } = pageArgs(query)
    const live = { userId, revokedAt: null, expiresAt: { gt: this.clock.now() } }
    const rows = await this.prisma.session.findMany({ ...args, where: { ...where, ...live } })
    return toPage(rows, query.limit, (row) => row)
  }

  /** Ends one session of an account; ending it again changes nothing. Throws NotFound for anyone else's. */
  async revoke(userId: string, sessionId: string): Promise<void> {
    const session = await this.prisma.session.findFirst({ where: { id: sessionId, userId } })
    if (!session) throw new NotFound('There is no such session.')
    await this.prisma.session.updateMany({
      where: { id: sessionId, revokedAt: null },
      data: { revokedAt: this.clock.now() },
    })
  }

  /** Ends every session of an account, as part of the caller's transaction. */
  async revokeAll(userId: string, transaction: Pick<PrismaClient, 'session'>): Promise<void> {
    await transaction.session.updateMany({ where: { userId, revokedAt: null }, data: { revokedAt: this.clock.now() } })
  }

  private async markSeen(sessionId: string, now: Date): Promise<void> {
    const before = new Date(now.getTime() - SEEN_EVERY_MS)
    await this.prisma.session.updateMany({
      where: { id: sessionId, lastSeenAt: { lte: before } },
      data: { lastSeenAt: now },
    })
  }
}
