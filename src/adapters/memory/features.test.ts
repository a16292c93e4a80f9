import { Global, Module, type Provider } from '@nestjs/common'
import { Test } from '@nestjs/testing'
import { expect, it, onTestFinished } from 'vitest'
import { AuditService } from '../../accounts/audit.service.js'
import { AlertConditionsModule } from '../../alert-conditions/alert-conditions.module.js'
import { ConditionRunner } from '../../alert-conditions/condition-runner.js'
import { AlertService } from '../../alerts/alert.service.js'
import { Config } from '../../infrastructure/config/config.js'
import { loadConfig } from '../../infrastructure/config/load-config.js'
import { Instances } from '../../infrastructure/instances/instances.js'
import { MemoryInstances } from '../../infrastructure/instances/memory-instances.js'
import { ServiceState } from '../../infrastructure/instances/service-state.js'
import { Locks } from '../../infrastructure/locks/locks.js'
import { MemoryLocks } from '../../infrastructure/locks/memory-locks.js'
import { Metrics } from '../../infrastructure/metrics/metrics.js'
import { Clock } from '../../infrastructure/time/clock.js'
import { Random } from '../../infrastructure/time/random.js'
import { SeededRandom } from '../../infrastructure/time/seeded-random.js'
import { Timers } from '../../infrastructure/time/timers.js'
import { VirtualTime } from '../../infrastructure/time/virtual-time.js'
import { EncryptionModule } from '../../infrastructure/encryption/encryption.module.js'
import { Outbound } from '../../platforms/outbound.js'
import { PlatformsModule } from '../../platforms/platforms.module.js'
import { SharedLimiter } from '../../platforms/throttle/shared-limiter.js'
import { PendingSweeper } from '../../stock/gate/pending-sweeper.js'
import { channelRow, eventRow } from '../../../test/support/fixtures/store-bench.js'
import { PORTS, type Stores } from '../ports.js'
import { MemoryDatabase } from './memory-database.js'
import { memoryStores } from './stores.js'
import { environmentConnectionId } from '../../domain/connection-record.js'

class UnreachableLimiter extends SharedLimiter {
  protected override execute(): Promise<never> {
    return Promise.reject(new Error('unreachable'))
  }
}

/** The modules of alerts, their conditions and platforms on virtual time, without PostgreSQL and Redis. */
async function boot() {
  const time = new VirtualTime()
  const database = new MemoryDatabase(time, time)
  const stores = memoryStores(database)
  const shared: Provider[] = [
    ...(Object.keys(PORTS) as (keyof Stores)[]).map((name) => ({ provide: PORTS[name], useValue: stores[name] })),
    { provide: Clock, useValue: time },
    { provide: Timers, useValue: time },
    { provide: Random, useValue: new SeededRandom(1) },
    { provide: Config, useValue: loadConfig({ LUMA_API_KEY: 'key' }) },
    { provide: Locks, useValue: new MemoryLocks(new ServiceState()) },
    { provide: Instances, useValue: new MemoryInstances('ins_1', new Map(), time) },
    { provide: SharedLimiter, useValue: new UnreachableLimiter(time) },
    { provide: AuditService, useValue: {} },
    { provide: PendingSweeper, useValue: { reportFailuresTo: () => undefined } },
    Metrics,
  ]
  @Global()
  @Module({ providers: shared, exports: shared })
  class SharedModule {}
  const module = await Test.createTestingModule({
    imports: [SharedModule, EncryptionModule, PlatformsModule, AlertConditionsModule],
  }).compile()
  await module.init()
  onTestFinished(() => module.close())
  return { time, database, stores, module }
}

it('raises and resolves alerts without a server', async () => {
  const { time, database, stores, module } = await boot()
  const event = eventRow({ startsAt: new Date(time.ms() + 30 * 86_400_000) })
  const channel = channelRow(event.id, { platform: 'LUMA', syncError: 'read: FORBIDDEN', confirmedMode: 'OPEN' })
  void database.events.insert(null, event)
  void database.channels.insert(null, channel)
  const evaluate = () => time.until(module.get(ConditionRunner).evaluateAlone(), 60_000)
  const unresolved = async () => (await stores.alerts.unresolved({})).map(({ kind, about }) => `${kind} ${about}`)
  await module.get(AlertService).raise({ kind: 'OVERSOLD', eventId: event.id, platform: 'LUMA', detail: 'a test' })
  await evaluate()
  expect((await unresolved()).toSorted()).toEqual([
    'OVERSOLD null',
    'PLATFORM_UNREACHABLE access',
    'PLATFORM_UNREACHABLE webhooks',
  ])
  await stores.channels.update(null, channel.id, { syncError: null })
  await time.until(time.sleep(5_000), 5_000)
  await evaluate()
  expect(await unresolved()).toEqual(['PLATFORM_UNREACHABLE webhooks'])
})

it('limits calls to platforms without a server', async () => {
  const outbound = (await boot()).module.get(Outbound)
  await outbound.refresh()
  expect(outbound.limiter.degraded).toBe(true)
  expect((await outbound.status(environmentConnectionId('LUMA'))).budget.bucket).toMatch(/^luma:/)
})
