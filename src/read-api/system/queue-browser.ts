import { createBullBoard } from '@bull-board/api'
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter'
import { FastifyAdapter } from '@bull-board/fastify'
import { getQueueToken } from '@nestjs/bullmq'
import { Injectable, type OnModuleInit } from '@nestjs/common'
import { HttpAdapterHost, ModuleRef } from '@nestjs/core'
import type { Queue } from 'bullmq'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { includesRole, type AuthenticatedUser } from '../../accounts/authenticated-user.js'
import { AuditService } from '../../accounts/audit.service.js'
import { SessionCookie } from '../../accounts/login/session-cookie.js'
import { SessionsService } from '../../accounts/login/sessions.service.js'
import { Forbidden, Unauthenticated } from '../../domain/errors.js'
import { maskedJob } from '../../inbound/dead-letters/mask.js'
import { Config } from '../../infrastructure/config/config.js'
import { findProblem } from '../../infrastructure/http/problems/problem.js'
import { sendProblem } from '../../infrastructure/http/problems/problem-filter.js'
import { bearerToken } from '../../infrastructure/http/requests/bearer-token.js'
import { isRead } from '../../infrastructure/http/requests/is-read.js'
import { publicPath } from '../../infrastructure/http/requests/request-path.js'
import { QUEUES, type QueueName } from '../../infrastructure/queues/queue-names.js'

const PATH = '/admin/queues'
/** Their jobs contain deliveries, of which the browser shows no bodies. */
const WITH_BODIES: readonly string[] = [QUEUES.deliveries, QUEUES.reads]

/**
 * The queue browser: for engineers, ADMIN only, by bearer or by the session cookie of the dashboard. It changes nothing
 * unless that is configured, and each change is audited before it is made. Bodies and personal data of jobs are masked.
 */
@Injectable()
export class QueueBrowser implements OnModuleInit {
  constructor(
    private readonly http: HttpAdapterHost,
    private readonly modules: ModuleRef,
    private readonly sessions: SessionsService,
    private readonly cookie: SessionCookie,
    private readonly audit: AuditService,
    private readonly config: Config,
  ) {}

  onModuleInit(): void {
    // The command line has no HTTP server.
    const server = this.http.httpAdapter?.getInstance<FastifyInstance | undefined>()
    if (typeof server?.register !== 'function') return
    const board = new FastifyAdapter().setBasePath(PATH)
    createBullBoard({
      queues: Object.values(QUEUES).map((name) => this.adapterOf(name)),
      serverAdapter: board,
      options: { uiConfig: { boardTitle: 'Traffic Police queues' } },
    })
    // Not awaited: that would boot the server before the error handler of its routes is set. `ready` rejects on failure.
    void server.register(
      async (scope) => {
        scope.addHook('onRequest', async (request, reply) => this.admit(request, reply))
        scope.addHook('onSend', async (_request, reply) => relaxPolicy(reply))
        await scope.register(board.registerPlugin())
      },
      { prefix: PATH },
    )
  }

  private adapterOf(name: QueueName): BullMQAdapter {
    const queue = this.modules.get<Queue>(getQueueToken(name), { strict: false })
    const adapter = new BullMQAdapter(queue, { readOnlyMode: !this.config.queueBrowser.writes })
    adapter.setFormatter('data', maskedJob)
    return adapter
  }

  private async admit(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> {
    try {
      const user = await this.requireAdmin(request)
      if (!isRead(request)) await this.allowChange(request, user)
      return undefined
    } catch (error) {
      sendProblem(request, reply, findProblem(error))
      return reply
    }
  }

  /** Throws Unauthenticated and Forbidden. */
  private async requireAdmin(request: FastifyRequest): Promise<AuthenticatedUser> {
    const token = tokenOf(request, this.cookie)
    const user = token === null ? null : await this.sessions.authenticate(token)
    if (!user) throw new Unauthenticated('Sign in at the dashboard as an admin first.')
    if (!includesRole(user.role, 'ADMIN')) throw new Forbidden(`Your role ${user.role} does not allow this.`)
    return user
  }

  /** Recorded first, so that no change is missing. Throws Forbidden. */
  private async allowChange(request: FastifyRequest, user: AuthenticatedUser): Promise<void> {
    const { method, url } = request
    if (!this.config.queueBrowser.writes) {
      throw new Forbidden('The queue browser is read-only; QUEUE_BROWSER_WRITES=on enables changes.')
    }
    if (storesMaskedData(request))
      throw new Forbidden('Data of these jobs is masked here, and cannot be changed or copied.')
    await this.audit.record(user.id, 'queue-browser.change', publicPath(url), null, { method })
  }
}

/** The page sends the data that it shows. */
function storesMaskedData({ params, routeOptions: { url = '' } }: FastifyRequest): boolean {
  const { queueName = '' } = params as { queueName?: string }
  return WITH_BODIES.includes(queueName) && /\/(add|update-data)$/.test(url)
}

/** The cookie authorizes changes only when the browser reports the request as same-origin. */
function tokenOf(request: FastifyRequest, cookie: SessionCookie): string | null {
  const { headers } = request
  if (headers.authorization !== undefined) return bearerToken(request)
  return isRead(request) || headers['sec-fetch-site'] === 'same-origin' ? cookie.read(request) : null
}

/** The page sets its base address and inline style sheets; scripts are still files of this server only. */
function relaxPolicy(reply: FastifyReply): void {
  const policy = reply.getHeader('content-security-policy')
  if (typeof policy !== 'string') return
  void reply.header(
    'content-security-policy',
    policy
      .replace("base-uri 'none'", "base-uri 'self'")
      .replace("style-src 'self'", "style-src 'self' 'unsafe-inline'"),
  )
}
