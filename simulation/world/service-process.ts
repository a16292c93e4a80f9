import { NestFactory } from '@nestjs/core'
import type { INestApplicationContext, Type } from '@nestjs/common'
import type { MemoryRedisConnection } from '../../src/adapters/memory/memory-redis.js'
import type { OutgoingWebhook } from '../../simulators/kit/index.js'
import { FailSafeCoordinator } from '../../src/fail-safe/fail-safe-coordinator.js'
import { WebhooksController } from '../../src/inbound/receive/webhooks.controller.js'
import { Subscriptions } from '../../src/inbound/subscriptions/subscriptions.js'
import { BackgroundTasks } from '../../src/infrastructure/background/background-tasks.js'
import { findProblem } from '../../src/infrastructure/http/problems/problem.js'
import type { ServiceState } from '../../src/infrastructure/instances/service-state.js'
import type { Clock } from '../../src/infrastructure/time/clock.js'
import { SystemMode } from '../../src/system-mode/system-mode.js'
import { ProcessKilled } from './process-killed.js'
import { SimulatedProcessModule, type ProcessPorts } from './process-module.js'
import type { ProcessSteps } from './steps.js'

export interface ProcessParts {
  name: string
  slot: number
  /** When it started without Redis, and so without what others left there, ms; null: with it. */
  uninformedAtMs: number | null
  redis: MemoryRedisConnection
  ports: ProcessPorts
  steps: ProcessSteps
  pauseChanged: () => void
  /** Ends its connections to PostgreSQL, and so its locks and open transactions; it may connect again. */
  dropConnections: (noticedAfterMs: number) => void
}

/** One process of the service, from its start until it is killed. */
export class ServiceProcess {
  private app: INestApplicationContext | null = null
  /** Until another process takes its slot after it was killed, ms; undefined: none does. */
  restartAfterMs: number | undefined

  constructor(private readonly parts: ProcessParts) {}

  get name(): string {
    return this.parts.name
  }

  get slot(): number {
    return this.parts.slot
  }

  get uninformedAtMs(): number | null {
    return this.parts.uninformedAtMs
  }

  get redis(): MemoryRedisConnection {
    return this.parts.redis
  }

  get steps(): ProcessSteps {
    return this.parts.steps
  }

  pauseChanged(): void {
    if (this.steps.alive) this.parts.pauseChanged()
  }

  dropConnections(noticedAfterMs: number): void {
    if (this.steps.alive) this.parts.dropConnections(noticedAfterMs)
  }

  get clock(): Clock {
    return this.parts.ports.clock
  }

  get state(): ServiceState {
    return this.parts.ports.state
  }

  /** Started completely, and not killed since. */
  get isReady(): boolean {
    return this.app !== null && this.steps.alive
  }

  /** In the order of `src/bootstrap/service.ts`. Rejects when a server is unavailable or the process is killed before that. */
  async start(): Promise<void> {
    const root = SimulatedProcessModule.of(this.parts.ports)
    const app = await NestFactory.createApplicationContext(root, { logger: false, abortOnError: false })
    await app.get(Subscriptions).loadSecrets()
    await app.get(FailSafeCoordinator).start()
    app.get(BackgroundTasks).start()
    if (!this.steps.alive) throw new ProcessKilled()
    this.app = app
  }

  /** A provider of the production modules. Throws while the process does not run. */
  get<T>(type: Type<T> | (abstract new (...args: never[]) => T)): T {
    if (!this.app || !this.steps.alive) throw new ProcessKilled()
    return this.app.get<T>(type)
  }

  get failSafeAfterMs(): number {
    return this.parts.ports.config.failSafe.afterMs
  }

  get mode(): 'NORMAL' | 'FAIL_SAFE' {
    return this.get(SystemMode).current()
  }

  /** Receives a webhook as over HTTP; the status, 0 if the process is killed before it responds. */
  async receive({ url, headers, body }: OutgoingWebhook, requestId: string): Promise<number> {
    const [, , platform = '', token = ''] = new URL(url).pathname.split('/')
    const request = { id: requestId, headers: lowerCase(headers), body: Buffer.from(body) } as never
    try {
      const controller = this.get(WebhooksController)
      if (platform === 'eventbrite') await controller.eventbrite(request, token)
      else if (platform === 'luma')
        await (token === '' ? controller.luma(request) : controller.lumaOfConnection(request, token))
      else if (platform === 'meetup') await controller.meetup(request)
      else return 404
      return this.steps.alive ? 202 : 0
    } catch (error) {
      return error instanceof ProcessKilled || !this.steps.alive ? 0 : findProblem(error).status
    }
  }
}

function lowerCase(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}
