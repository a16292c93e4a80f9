import { AppModule } from '../../../src/bootstrap/app.module.js'
import { BackgroundTasks } from '../../../src/infrastructure/background/background-tasks.js'
import { FailSafeCoordinator } from '../../../src/fail-safe/fail-safe-coordinator.js'
import { startTestApp, type TestApp } from './app.js'
import { createTestDatabase } from '../servers/database.js'
import { startRedis } from '../servers/redis.js'
import { startTcpProxy } from '../servers/tcp-proxy.js'

/** Instances on one database and one Redis, each with its own proxy to Redis. */
export async function startInstancesOnSeparateRoutes(count = 2) {
  const [database, redis] = await Promise.all([createTestDatabase(), startRedis()])
  const routes = await Promise.all(Array.from({ length: count }, () => startTcpProxy(redis.port)))
  const apps: TestApp[] = []
  for (const { port } of routes) {
    const app = await startTestApp({
      databaseUrl: database.url,
      redisUrl: `redis://127.0.0.1:${port}`,
      env: { FAIL_SAFE_AFTER_MS: '700', FAIL_SAFE_RECOVERY_MS: '300' },
      root: (config) => AppModule.of(config),
    })
    apps.push(app)
    app.app.get(BackgroundTasks).start()
  }
  for (const { app } of apps) await app.get(FailSafeCoordinator).start()
  const token = await (apps[0] as TestApp).login()
  return {
    apps,
    redis,
    routes,
    token,
    async close() {
      for (const app of apps) await app.close()
      await Promise.all(routes.map((route) => route.close()))
      await redis.stop()
      await database.drop()
    },
  }
}
