import { encryptionKeysOf } from '../infrastructure/encryption/installation-secret.js'
import { findDemo, withDemo } from '../demo/demo-platforms.js'
import type { Config } from '../infrastructure/config/config.js'
import { isDemoRemoved } from '../infrastructure/config/demo-removed.js'
import { withConfig } from '../infrastructure/config/load-config.js'
import { allTraits } from '../platforms/registry.js'
import type { Servers } from './servers.js'

/** Adds the URLs of the servers and, for a demo, the platforms that the service uses. */
export function settingsFor(config: Config, { databaseUrl, redisUrl }: Servers): Config {
  const withServers = withConfig(config, { databaseUrl, redisUrl, encryptionKeys: encryptionKeysOf(config) })
  // The simulated platforms of a removed demo run until its service stops.
  const demo = config.demo || isDemoRemoved(config.dataDir) ? findDemo(config.dataDir) : null
  if (demo) return withDemo(withServers, demo)
  return config.demo ? withoutPlatforms(withServers) : withServers
}

/** The simulated platforms of a demo stop with its service; real platforms must not be called for its events. */
function withoutPlatforms(config: Config): Config {
  return allTraits().reduce((known, { credentials }) => withConfig(known, credentials.without(known)), config)
}
