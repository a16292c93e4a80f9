import { expect, it } from 'vitest'
import { ConnectionCredentials } from '../../../../src/connections/connection-credentials.js'
import { SecretRotation } from '../../../../src/connections/secret-rotation.js'
import { EncryptedSecrets } from '../../../../src/infrastructure/encryption/encrypted-secrets.js'
import { KeyRing, NotDecryptable } from '../../../../src/infrastructure/encryption/key-ring.js'
import { newId } from '../../../../src/infrastructure/ids.js'
import { describeStores } from '../../../support/fixtures/store-bench.js'

const SECRETS = { credentials: { token: 'token-in-plain-text' }, webhookToken: 'path-in-plain-text' }
const [OLD, NEW] = ['the old key of this installation', 'the new key of this installation']

describeStores('A rotation of the stored secrets', (bench) => {
  const credentialsWith = (...keys: string[]) => new ConnectionCredentials(new KeyRing(keys))
  const rotationWith = (...keys: string[]) => {
    const secrets = new EncryptedSecrets(new KeyRing(keys), bench.stores.storedSecrets)
    return new SecretRotation(secrets, credentialsWith(...keys), bench.stores.connections)
  }

  it('encrypts the credentials of connections with the newest key, without changing their version', async () => {
    const id = newId('con')
    const credentials = credentialsWith(OLD).encrypt(id, SECRETS)
    const { connections } = bench.stores
    await connections.create(null, { id, platform: 'EVENTBRITE', label: 'Second', fingerprint: 'f', credentials })
    expect(await rotationWith(NEW, OLD).rotate()).toBe(1)
    expect(await rotationWith(NEW, OLD).rotate()).toBe(0)
    const row = await connections.find(id)
    if (!row) throw new Error('the connection is lost')
    expect(row.version).toBe(1)
    expect(Buffer.from(row.credentials ?? []).toString('latin1')).not.toContain('plain-text')
    expect(credentialsWith(NEW).decrypt(row)).toEqual(SECRETS)
    expect(() => credentialsWith(OLD).decrypt(row)).toThrow(NotDecryptable)
    expect(() => credentialsWith(NEW).decrypt({ ...row, id: newId('con') })).toThrow(NotDecryptable)
    await expect(rotationWith(OLD).rotate()).rejects.toThrow(NotDecryptable)
  })
})
