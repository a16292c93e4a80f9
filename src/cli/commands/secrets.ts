import type { Command } from 'commander'
import { SecretRotation } from '../../connections/secret-rotation.js'
import type { Cli } from '../cli.js'

/** `secrets rotate`. */
export function addSecrets(program: Command, cli: Cli): void {
  const secrets = program.command('secrets').description('Secrets that are stored encrypted')
  const rotate = secrets.command('rotate').description('Encrypt them with the newest key, the first of ENCRYPTION_KEY')
  cli.register(rotate, async ({ context, out }) => {
    const rotated = await context.get(SecretRotation).rotate()
    out.show({ rotated }, () => out.facts([['encrypted again', String(rotated)]]))
    out.next('remove the older keys from ENCRYPTION_KEY, and restart the service')
  })
}
