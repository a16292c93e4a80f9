import { Module } from '@nestjs/common'
import { ConnectionCredentials } from './connection-credentials.js'
import { ConnectionLoader } from './connection-loader.js'
import { SecretRotation } from './secret-rotation.js'

/** Accounts on platforms and their stored credentials. */
@Module({
  providers: [ConnectionCredentials, ConnectionLoader, SecretRotation],
  exports: [ConnectionCredentials, ConnectionLoader, SecretRotation],
})
export class ConnectionsModule {}
