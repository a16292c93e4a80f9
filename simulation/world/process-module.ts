import { Global, Module, type DynamicModule, type Provider } from '@nestjs/common'
import { DiscoveryModule } from '@nestjs/core'
import { AuditModule } from '../../src/accounts/audit.module.js'
import { ChannelConfirmation } from '../../src/channel-commands/channel-confirmation.js'
import { ChannelCommands } from '../../src/channel-commands/channel-commands.js'
import { ChannelListings } from '../../src/channel-commands/channel-listings.js'
import { ChannelLookup } from '../../src/channel-commands/channel-lookup.js'
import { EventCommandsModule } from '../../src/events/event-commands.module.js'
import { PORTS, type Stores } from '../../src/adapters/ports.js'
import { AlertConditionsModule } from '../../src/alert-conditions/alert-conditions.module.js'
import { AlertsModule } from '../../src/alerts/alerts.module.js'
import { ChannelsModule } from '../../src/channels/channels.module.js'
import { ChannelConnectionsModule } from '../../src/connections/channel-connections.module.js'
import { AllocationPolicy } from '../../src/domain/rebalancing/allocation-policy.js'
import { ConnectionsModule } from '../../src/connections/connections.module.js'
import { FailSafeModule } from '../../src/fail-safe/fail-safe.module.js'
import { CheckIns } from '../../src/door/check-ins/check-ins.js'
import { WalkIns } from '../../src/door/walk-ins/walk-ins.js'
import { HoldsModule } from '../../src/holds/holds.module.js'
import { InboundModule } from '../../src/inbound/inbound.module.js'
import { EncryptionModule } from '../../src/infrastructure/encryption/encryption.module.js'
import { BackgroundModule } from '../../src/infrastructure/background/background.module.js'
import { JobHandlers } from '../../src/infrastructure/background/job-handlers.js'
import { Config } from '../../src/infrastructure/config/config.js'
import { Readiness } from '../../src/infrastructure/health/readiness.js'
import { DirectRoutes } from '../../src/infrastructure/http/direct-routes.js'
import { Instances } from '../../src/infrastructure/instances/instances.js'
import { ServiceState } from '../../src/infrastructure/instances/service-state.js'
import { Locks } from '../../src/infrastructure/locks/locks.js'
import { Metrics } from '../../src/infrastructure/metrics/metrics.js'
import { JobQueues } from '../../src/infrastructure/queues/job-queues.js'
import { RedisHealth } from '../../src/infrastructure/redis/redis-health.js'
import { Clock } from '../../src/infrastructure/time/clock.js'
import { ClockSynchronization } from '../../src/infrastructure/time/clock-synchronization.js'
import { Cron } from '../../src/infrastructure/time/cron.js'
import { Random } from '../../src/infrastructure/time/random.js'
import { startClock } from '../../src/infrastructure/time/start-clock.js'
import type { SynchronizedClock } from '../../src/infrastructure/time/synchronized-clock.js'
import { Timers } from '../../src/infrastructure/time/timers.js'
import { OrdersModule } from '../../src/orders/orders.module.js'
import { OversoldModule } from '../../src/oversold/oversold.module.js'
import { PaymentsModule } from '../../src/payments/payments.module.js'
import { PaymentProviders } from '../../src/payments/providers/payment-providers.js'
import { PlatformsModule } from '../../src/platforms/platforms.module.js'
import { PlatformTransport } from '../../src/platforms/http/platform-transport.js'
import { SharedLimiter } from '../../src/platforms/throttle/shared-limiter.js'
import { RebalancingModule } from '../../src/rebalancing/rebalancing.module.js'
import { ReconciliationModule } from '../../src/reconciliation/reconciliation.module.js'
import { SafetyStockModule } from '../../src/safety-stock/safety-stock.module.js'
import { StockGate } from '../../src/stock/gate/gate.js'
import { StockModule } from '../../src/stock/stock.module.js'
import { SystemModeModule } from '../../src/system-mode/system-mode.module.js'
import { WaitlistModule } from '../../src/waitlist/waitlist.module.js'

/** What one process reaches: its servers, its time and its identity. */
export interface ProcessPorts {
  config: Config
  policy: AllocationPolicy
  clock: SynchronizedClock
  timers: Timers
  random: Random
  cron: Cron
  stores: Stores
  gate: StockGate
  payments: PaymentProviders
  queues: JobQueues
  locks: Locks
  instances: Instances
  redisHealth: RedisHealth
  sharedLimiter: SharedLimiter
  transport: PlatformTransport
  state: ServiceState
  metrics: Metrics
  /** Apart from those of the environment there are connections that were added. */
  hasAddedConnections: boolean
}

const PRODUCTION_MODULES = [
  EncryptionModule,
  StockModule,
  OrdersModule,
  PlatformsModule,
  SystemModeModule,
  AlertsModule,
  ChannelsModule,
  ChannelConnectionsModule,
  RebalancingModule,
  OversoldModule,
  InboundModule,
  FailSafeModule,
  ReconciliationModule,
  AlertConditionsModule,
  AuditModule,
  EventCommandsModule,
  HoldsModule,
  PaymentsModule,
  WaitlistModule,
  SafetyStockModule,
]

/** Binds the ports of the production modules to a simulated process. */
@Global()
@Module({})
class PortsModule {
  static of(ports: ProcessPorts): DynamicModule {
    const providers: Provider[] = [
      { provide: Config, useValue: ports.config },
      { provide: AllocationPolicy, useValue: ports.policy },
      { provide: Clock, useFactory: () => startClock(ports.clock, ports.timers) },
      { provide: Timers, useValue: ports.timers },
      { provide: Random, useValue: ports.random },
      { provide: Cron, useValue: ports.cron },
      { provide: StockGate, useValue: ports.gate },
      { provide: PaymentProviders, useValue: ports.payments },
      { provide: JobQueues, useValue: ports.queues },
      { provide: Locks, useValue: ports.locks },
      { provide: Instances, useValue: ports.instances },
      { provide: RedisHealth, useValue: ports.redisHealth },
      { provide: PlatformTransport, useValue: ports.transport },
      { provide: ServiceState, useValue: ports.state },
      { provide: Metrics, useValue: ports.metrics },
      { provide: SharedLimiter, useValue: ports.sharedLimiter },
      // Nothing is received over HTTP.
      DirectRoutes,
      // No readiness check is requested here: the simulation's load balancer reads the state of the process.
      { provide: Readiness, useValue: { register: () => undefined } },
      ...(Object.keys(PORTS) as (keyof Stores)[]).map((name) => ({
        provide: PORTS[name],
        useValue: ports.stores[name],
      })),
    ]
    const tokens = providers.map((provider) => (typeof provider === 'function' ? provider : provider.provide))
    return { module: PortsModule, providers: [...providers], exports: tokens }
  }
}

/** The production modules that need no server, as one process of the service runs them. */
@Module({})
export class SimulatedProcessModule {
  static of(ports: ProcessPorts): DynamicModule {
    return {
      module: SimulatedProcessModule,
      imports: [
        PortsModule.of(ports),
        DiscoveryModule,
        BackgroundModule,
        ...PRODUCTION_MODULES,
        ...(ports.hasAddedConnections ? [ConnectionsModule] : []),
      ],
      providers: [
        ClockSynchronization,
        JobHandlers,
        ChannelCommands,
        ChannelConfirmation,
        ChannelListings,
        ChannelLookup,
        CheckIns,
        WalkIns,
      ],
    }
  }
}
