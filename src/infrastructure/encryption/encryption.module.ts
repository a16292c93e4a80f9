import { Global, Module } from '@nestjs/common'
import { Config } from '../config/config.js'
import { EncryptedSecrets } from './encrypted-secrets.js'
import { KeyRing } from './key-ring.js'

const keyRing = {
  provide: KeyRing,
  inject: [Config],
  useFactory: ({ encryptionKeys }: Config) => new KeyRing(encryptionKeys),
}

/** Encryption of the secrets in the stores. */
@Global()
@Module({ providers: [keyRing, EncryptedSecrets], exports: [KeyRing, EncryptedSecrets] })
export class EncryptionModule {}
