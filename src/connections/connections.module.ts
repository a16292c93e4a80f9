import { Module } from '@nestjs/common'
import { ConnectionCredentials } from './connection-credentials.js'
import { SecretRotation } from './secret-rotation.js'

/** Accounts on platforms, and their stored credentials. */
@Module({ providers: [ConnectionCredentials, SecretRotation], exports: [ConnectionCredentials, SecretRotation] })
export class ConnectionsModule {}
