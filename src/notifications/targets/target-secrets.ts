import { randomBytes } from 'node:crypto'
import { Injectable } from '@nestjs/common'
import { clientOf } from '../../infrastructure/prisma/transaction.js'
import { PrismaService } from '../../infrastructure/prisma/prisma.service.js'
import type { DatabaseTransaction } from '../../infrastructure/transaction.js'
import { EncryptedSecrets } from '../../infrastructure/encryption/encrypted-secrets.js'
import { NotDecryptable } from '../../infrastructure/encryption/key-ring.js'

export interface TargetSecrets {
  /** Where it is sent: a URL or an email address. */
  target: string
  /** Signs webhooks; null: another kind. */
  signingSecret: string | null
}

/** The recommended length of a Standard Webhooks secret. */
const SIGNING_SECRET_BYTES = 32

/** The addresses and signing secrets of targets, encrypted at rest. */
@Injectable()
export class TargetSecretsStore {
  constructor(
    private readonly prisma: PrismaService,
    private readonly secrets: EncryptedSecrets,
  ) {}

  /** Throws NotDecryptable, also where there are none. */
  async read(targetId: string): Promise<TargetSecrets> {
    const stored = await this.prisma.storedValue.findUnique({ where: { key: keyOf(targetId) } })
    if (!stored) throw new NotDecryptable('the address of the target is not stored')
    return (await this.secrets.open(stored)) as TargetSecrets
  }

  /** Throws NotDecryptable without a key. */
  async write(transaction: DatabaseTransaction, targetId: string, secrets: TargetSecrets): Promise<void> {
    const key = keyOf(targetId)
    const value = { ...this.secrets.encrypt(key, secrets) }
    await clientOf(transaction).storedValue.upsert({ where: { key }, create: { key, value }, update: { value } })
  }

  async remove(transaction: DatabaseTransaction, targetId: string): Promise<void> {
    await clientOf(transaction).storedValue.deleteMany({ where: { key: keyOf(targetId) } })
  }
}

export function newSigningSecret(): string {
  return `whsec_${randomBytes(SIGNING_SECRET_BYTES).toString('base64')}`
}

function keyOf(targetId: string): string {
  return `notification:${targetId}`
}
